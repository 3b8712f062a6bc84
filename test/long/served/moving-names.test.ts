import { vi } from "vitest";
import { dovecotMoveScenarios, qmailMoveScenarios } from "../../e2e/served/moving-name-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
dovecotMoveScenarios("2.3");
qmailMoveScenarios();
