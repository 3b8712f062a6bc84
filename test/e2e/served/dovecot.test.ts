import { vi } from "vitest";
import { dovecotScenarios } from "./dovecot-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
dovecotScenarios("2.3");
