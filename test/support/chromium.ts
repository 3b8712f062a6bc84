import { type Browser, chromium } from "playwright-core";
import { findCommand } from "./commands";

/** Debian's Chromium without windows, or a whole one. */
export function findChromium(): string | null {
  return findCommand("chromium-headless-shell") ?? findCommand("chromium");
}

/** Starts it, without the sandbox, which root cannot have: for pages of the tests alone. */
export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("There is no Chromium on this machine.");
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
