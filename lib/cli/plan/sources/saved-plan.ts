import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { CliError } from "../../errors/cli-error";
import type { StackPlan } from "../../planned/planned-change";
import { PlanReader } from "../../planned/read-plan";
import { shownPlan } from "../../planned/shown-plan";
import type { SavedPlan } from "../options/saved";
import type { StackEngine } from "./stack-engine";

/**
 * Reads a saved plan: as the engine saves it, or what the engine's `show -json` writes of it, which needs no engine.
 *
 * @param engineOf is called only for the former
 * @throws CliError `CLI_PLAN_INVALID`, `CLI_PLAN_UNSUPPORTED`, and those of {@link shownPlan} and of `engineOf`
 */
export async function readSavedPlan(
  { stack, path }: SavedPlan,
  engineOf: () => StackEngine,
): Promise<StackPlan> {
  if (await isArchive(path)) {
    const { engine, ...options } = engineOf();
    return shownPlan(engine, { ...options, stack, file: resolve(path) });
  }
  const reader = new PlanReader(`The plan of stack ${stack}`);
  await forEachChunk(path, reader.write);
  return reader.end();
}

/** Engines save a plan as a ZIP archive. What is no regular file can be read once only, so it has to be JSON. */
async function isArchive(path: string): Promise<boolean> {
  if (path === "-" || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  for await (const chunk of chunksOf(path, 1)) return chunk.subarray(0, 2).toString("latin1") === "PK";
  return false;
}

async function forEachChunk(path: string, take: (chunk: Buffer) => void): Promise<void> {
  for await (const chunk of chunksOf(path)) take(chunk);
}

/** @throws CliError `CLI_PLAN_INVALID` with the system's message */
async function* chunksOf(path: string, last?: number): AsyncGenerator<Buffer> {
  const input = path === "-" ? process.stdin : createReadStream(path, { end: last });
  try {
    for await (const chunk of input) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): unknown {
  // What a reader throws while it is fed is its own.
  if (error instanceof CliError || !(error instanceof Error)) return error;
  return new CliError(
    "CLI_PLAN_INVALID",
    `The saved plan cannot be read: ${error.message}.`,
    "Give a file that terraform plan -out or terraform show -json has written.",
  );
}
