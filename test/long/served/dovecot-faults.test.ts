import { vi } from "vitest";
import { dovecotFaultScenarios } from "../../e2e/served/dovecot-fault-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
// The variants are tried in test/long: of 2.3 by ssh, of 2.4 here.
dovecotFaultScenarios("2.3", { variants: false });
