import { vi } from "vitest";
import { dovecotMisfitScenarios } from "./dovecot-misfit-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
dovecotMisfitScenarios("2.3");
