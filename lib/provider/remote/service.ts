import { posix } from "node:path";
import type { Problem } from "./change";
import type { Answer, Call, Session } from "./session";
import type { HostSettings, ServiceSettings } from "./settings";

/** Long enough for a large configuration on a busy host, short enough not to look like a hang. */
const COMMAND_SECONDS = 60;
const NOT_FOUND = 127;
const TIMED_OUT = 124;

/** A service as it is on a host, asked and told through a session. */
export class Service {
  #running: Promise<boolean> | undefined;

  constructor(
    readonly settings: ServiceSettings,
    private readonly host: HostSettings,
    private readonly session: Session,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  /** Whether files that were swapped are served only after something was done. */
  get needsActivation(): boolean {
    return this.settings.activate !== null;
  }

  isRunning(): Promise<boolean> {
    const { running } = this.settings;
    this.#running ??= running
      ? this.#run("all", running).then(({ status }) => status === 0)
      : Promise.resolve(true);
    return this.#running;
  }

  /** Whether clients without SNI are shown a certificate already, as far as the service can say. */
  async namesDefaultCertificate(): Promise<boolean | undefined> {
    const { defaultCertificate } = this.settings;
    if (!defaultCertificate) return undefined;
    const { status, output } = await this.#run("answer", defaultCertificate);
    return status === 0 ? output.trim() !== "" : undefined;
  }

  /** Tries the configuration as it will be, with staged files in it. */
  async checkCandidate(staged: readonly string[]): Promise<Problem | undefined> {
    const { check, config } = this.settings;
    if (!check) return undefined;
    if (!config || staged.length === 0) return this.checkLive();
    const path = posix.join(this.host.stateDirectory, "candidate.conf");
    const onHost = posix.join(this.host.root, path);
    const head = config.head ? [posix.join(this.host.root, config.file), config.head] : ["", ""];
    const written = await this.session.call("candidate", onHost, ...head, candidateText(config, staged));
    if (written.status !== 0) {
      return {
        summary: `The new configuration of ${this.name} cannot be tried`,
        detail: `${onHost} could not be written: ${lastLines(written.output)}`,
      };
    }
    const problem = await this.#check(check, path);
    await this.session.call("discard", onHost);
    return problem;
  }

  /** Tries the configuration that is there. */
  async checkLive(): Promise<Problem | undefined> {
    const { check, config } = this.settings;
    return check ? this.#check(check, config?.file ?? "") : undefined;
  }

  async build(): Promise<Problem | undefined> {
    return this.#command(this.settings.build, `The tables of ${this.name} cannot be built`);
  }

  async activate(): Promise<Problem | undefined> {
    return this.#command(this.settings.activate, `${this.name} did not take the new files`);
  }

  async #check(command: readonly string[], candidate: string): Promise<Problem | undefined> {
    const answer = await this.#run("errors", fill(command, { candidate }));
    return answer.status === 0
      ? undefined
      : this.#failed(`${this.name} refuses the configuration`, command, answer);
  }

  async #command(command: readonly string[] | null, summary: string): Promise<Problem | undefined> {
    if (!command) return undefined;
    const answer = await this.#run("all", command);
    return answer.status === 0 ? undefined : this.#failed(summary, command, answer);
  }

  #failed(summary: string, command: readonly string[], { status, output }: Answer): Problem {
    const shown = command.join(" ");
    if (status === NOT_FOUND) {
      return {
        summary,
        detail: `\`${shown}\` was not found on host "${this.host.name}": is ${this.name} installed there?`,
      };
    }
    const how =
      status === TIMED_OUT ? `did not end within ${COMMAND_SECONDS} s` : `ended with exit status ${status}`;
    return { summary, detail: `\`${shown}\` on host "${this.host.name}" ${how}: ${lastLines(output)}` };
  }

  #run(wanted: "all" | "errors" | "answer", command: readonly string[]): Promise<Answer> {
    return this.session.call(...runCall(this.host, wanted, command));
  }

  /** For each name, the certificate file that the effective configuration picks; nothing where it cannot say. */
  async chosenCertificates(names: readonly string[]): Promise<(string | undefined)[]> {
    const { chosen } = this.settings;
    if (!chosen) return names.map(() => undefined);
    const calls = names.map((name) => runCall(this.host, "answer", fill(chosen, { name })));
    const answers = await this.session.round(calls);
    return answers.map(({ status, output }) => (status === 0 ? output.trim().replace(/^</, "") : undefined));
  }

  /** Of the names, those that a block of the effective configuration claims which does not mention `path`. */
  async contestedNames(names: readonly string[], path: string): Promise<string[]> {
    const { nameBlocks, chosen } = this.settings;
    if (!nameBlocks || !chosen) return [];
    const { status, output } = await this.#run("answer", nameBlocks.list);
    if (status !== 0) return [];
    const foreign = foreignNames(output, new RegExp(nameBlocks.pattern), path);
    return names.filter((name) => foreign.some((pattern) => mayMatch(pattern, name)));
  }
}

function runCall(host: HostSettings, wanted: "all" | "errors" | "answer", command: readonly string[]): Call {
  return ["run", posix.join(host.root, host.stateDirectory), String(COMMAND_SECONDS), wanted, ...command];
}

function fill(command: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return command.map((argument) =>
    Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, () => value), argument),
  );
}

function candidateText(config: NonNullable<ServiceSettings["config"]>, staged: readonly string[]): string {
  const include = (path: string) => fill([config.include], { path })[0];
  const files = config.position === "first" ? [...staged, config.file] : [config.file, ...staged];
  return files.map((file) => `${include(file)}\n`).join("");
}

/** The names of all blocks but those that mention `path`. A block ends where its closing brace stands alone. */
function foreignNames(configuration: string, pattern: RegExp, path: string): string[] {
  const names: string[] = [];
  let block: string[] | undefined;
  for (const line of configuration.split("\n")) {
    const opens = pattern.exec(line);
    if (opens) block = (opens[1] ?? "").replaceAll('"', "").split(/\s+/).filter(Boolean);
    else if (line.includes(path)) block = undefined;
    else if (line === "}" && block) {
      names.push(...block);
      block = undefined;
    }
  }
  return names;
}

/** A guess on the safe side: what it lets through is asked about. */
function mayMatch(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  return parts.length === 1 ? parts[0] === name : name.endsWith(parts[parts.length - 1]);
}

/** Of what a command printed, what a person wants to see first. */
export function lastLines(output: string): string {
  const lines = output.trim().split("\n").slice(-5);
  return lines.join("\n").slice(-1000) || "(it printed nothing)";
}
