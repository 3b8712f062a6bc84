import { vi } from "vitest";
import { renewingScenarios } from "../../e2e/dehydrated/renewing-scenarios";
import { openTofu } from "../../e2e/served/engine-choice";

// Each test runs a real engine and dehydrated several times.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
renewingScenarios({ engine: openTofu });
