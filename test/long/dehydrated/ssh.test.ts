import { vi } from "vitest";
import { renewingScenarios } from "../../e2e/dehydrated/renewing-scenarios";
import { bySsh } from "../../e2e/served/reach";

// Each test runs a real engine and dehydrated several times.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
renewingScenarios({ reach: bySsh, servedChecks: true });
