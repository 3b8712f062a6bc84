import { vi } from "vitest";
import { qmailScenarios } from "./qmail-scenarios";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
// The variants are tried in test/long, by ssh.
qmailScenarios({ variants: false });
