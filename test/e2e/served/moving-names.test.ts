import { vi } from "vitest";
import { qmailMoveScenarios } from "./moving-name-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
qmailMoveScenarios();
