import { vi } from "vitest";
import { servedCheckScenarios } from "../../e2e/served/served-check-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
servedCheckScenarios("2.3");
