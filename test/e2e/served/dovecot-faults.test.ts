import { vi } from "vitest";
import { dovecotFaultScenarios } from "./dovecot-fault-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
dovecotFaultScenarios("2.3");
