import { CliError } from "../errors/cli-error";
import type { Engine } from "./engine";
import { errorIn, failed } from "./failure";
import { runEngine } from "./run";

const DEADLINE_MS = 120_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface EngineOutputOptions {
  readonly directory: string;
  readonly output: string;
  readonly environment: NodeJS.ProcessEnv;
  /** @default 120000: a remote state may be slow */
  readonly deadlineMs?: number;
}

/**
 * The value of one output, as the engine's `output -json NAME` writes it. Does not read other outputs, which may be
 * sensitive. No provider is started and no state is locked.
 *
 * @param directory of the stack
 * @throws CliError those of {@link runEngine}, and `CLI_NOT_DEPLOYED`
 */
export async function engineOutput(
  engine: Engine,
  { directory, output, environment, deadlineMs = DEADLINE_MS }: EngineOutputOptions,
): Promise<string> {
  const command = { directory, args: ["output", "-no-color", "-json", output] };
  const chunks: Buffer[] = [];
  let bytes = 0;
  const sink = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_OUTPUT_BYTES)
      throw failed(engine, command, `it wrote more than ${MOST_OUTPUT_BYTES} bytes`);
  };
  const { exitCode, complaint } = await runEngine(engine, { ...command, environment, deadlineMs, sink });
  if (exitCode === 0) return Buffer.concat(chunks).toString("utf8");
  if (complaint.includes(`Output "${output}" not found`)) throw notDeployed(directory, output);
  throw failed(engine, command, errorIn(complaint));
}

function notDeployed(directory: string, output: string): CliError {
  return new CliError(
    "CLI_NOT_DEPLOYED",
    `The state of ${directory} has no output ${output}.`,
    "Run cdktf deploy once, with this release.",
  );
}
