import { vi } from "vitest";
import { planScenarios } from "../../e2e/planned/plan-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
planScenarios();
