import { vi } from "vitest";
import { renewingScenarios } from "./renewing-scenarios";

// Each test runs a real engine and dehydrated several times.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
renewingScenarios();
