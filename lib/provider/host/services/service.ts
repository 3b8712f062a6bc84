import { posix } from "node:path";
import type { Command } from "../../../shared/provider-block/blocks";
import { COMMAND_NOT_FOUND, otherVersion, showsArrival } from "../../../shared/service/version-and-arrival";
import type { Summary } from "../../../shared/summary";
import { complaint } from "../../../shared/transport/complaint";
import { onHost } from "../../../shared/transport/connection-settings";
import { sentence } from "../../../shared/transport/sentence";
import { type Answer, type Call, lastLines, type Session } from "../../../shared/transport/session";
import { inSeconds } from "../../../shared/transport/timeouts";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import { type HostSettings, type ServiceSettings, withoutCommands } from "../desired/host-settings";
import type { NameBlocks } from "./name-blocks";
import { firstPlace, placesCall } from "./places";
import { listedBlocks, printedFile } from "./statements";

/** Long enough for a large configuration on a busy host, short enough not to look like a hang. */
const COMMAND_MS = 60_000;
const TIMED_OUT = 124;

/** A service on a host: checked, activated and queried over a session. */
export class Service {
  #running: Promise<boolean> | undefined;
  /** Set if the check's program does not exist. */
  #missing: Problem | undefined;

  constructor(
    readonly settings: ServiceSettings,
    private readonly host: HostSettings,
    private readonly session: Session,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  get hostName(): string {
    return this.host.name;
  }

  /** Whether swapped files are served only after an activation. */
  get needsActivation(): boolean {
    return this.settings.activate !== undefined;
  }

  isRunning(): Promise<boolean> {
    this.#running ??= this.stillRuns();
    return this.#running;
  }

  /** Whether the service is running now, without the cached answer. */
  async stillRuns(): Promise<boolean> {
    const { running } = this.settings;
    if (!running) return true;
    const { status } = await this.#run("all", running);
    return status === 0 || isNoAnswer(status);
  }

  /** Why nothing can be written for it: it is not installed, or has another version. */
  async misfit(): Promise<Problem | undefined> {
    const { version } = this.settings;
    if (!version) return this.#missing;
    const { status, output } = await this.#run("answer", version.print);
    if (status === COMMAND_NOT_FOUND) return this.#notInstalled(version.print);
    const installed = otherVersion(version, output);
    if (installed === undefined) return undefined;
    return {
      summary: SERVICE.otherVersion(this.name, installed, version.expected),
      detail:
        `\`${version.print.join(" ")}\` on host "${this.host.name}" shows version ${installed}. Files for ` +
        `${version.expected} would be wrong there: none was written. ${sentence(version.advice)}`,
    };
  }

  /** Whether it reads the files of the resource `base`; undefined if it does not say. */
  async reads(): Promise<boolean | undefined> {
    const { arrival } = this.settings;
    const listing = arrival ? await this.answer(arrival.list) : undefined;
    if (!arrival || listing === undefined) return undefined;
    return showsArrival(arrival, listing);
  }

  /** Whether clients without SNI already get a certificate; undefined if the service does not say. */
  async namesDefaultCertificate(): Promise<boolean | undefined> {
    const file = await this.defaultCertificate();
    return file === undefined ? undefined : file !== "";
  }

  /** The certificate file for clients without SNI: empty for none, undefined if the service does not say. */
  async defaultCertificate(): Promise<string | undefined> {
    const { default_certificate: command } = this.settings;
    const output = command && (await this.answer(command));
    return output === undefined ? undefined : printedFile(output);
  }

  /**
   * Finds where the service's configuration has one of the words, in a file that the provider does not write. Earlier words
   * have priority.
   */
  async placeOf(words: readonly string[], isOurs: (path: string) => boolean): Promise<string | undefined> {
    const places = await this.placesOf(words.map((word) => ({ word, isMeant: (path) => !isOurs(path) })));
    return places.find((place) => place !== undefined);
  }

  /** Finds, for each word, where the service's configuration has it in a file that is meant. */
  async placesOf(
    asked: readonly { readonly word: string; readonly isMeant: (path: string) => boolean }[],
  ): Promise<(string | undefined)[]> {
    const { host, settings } = this;
    const calls = asked.flatMap((each) => {
      const call = placesCall(host, settings, each.word);
      return call ? [{ each, call }] : [];
    });
    const answers = await this.session.roundFor(calls, ({ call }) => call);
    const places = new Map(
      answers.map(([{ each }, answer]) => [
        each,
        firstPlace(host, answer, each.word, (path) => !each.isMeant(path)),
      ]),
    );
    return asked.map((each) => places.get(each));
  }

  /** Checks the future configuration, with the staged files included. */
  async checkCandidate(staged: readonly string[]): Promise<Problem | undefined> {
    const { check, config } = this.settings;
    if (!check) return undefined;
    if (!config || staged.length === 0) return this.checkLive();
    const path = posix.join(this.host.stateDirectory, "candidate.conf");
    const file = onHost(this.host, path);
    const head = config.head ? [onHost(this.host, config.file), config.head] : ["", ""];
    const command = fill(check, { candidate: path });
    const [written, checked] = await this.session.round([
      ["candidate", file, ...head, candidateText(config, staged)],
      runCall(this.host, "errors", command),
      ["discard", file],
    ]);
    if (written.status === 0) return this.#refusal(command, checked);
    return {
      summary: SERVICE.notTried(this.name),
      detail: `${file} could not be written: ${complaint(written.output)}.`,
    };
  }

  /** Checks the current configuration. */
  async checkLive(): Promise<Problem | undefined> {
    const { check, config } = this.settings;
    if (!check) return undefined;
    const command = fill(check, { candidate: config?.file ?? "" });
    return this.#refusal(command, await this.#run("errors", command));
  }

  /** Runs the build command. Its result may contain keys, so other users cannot read it. */
  async build(): Promise<Problem | undefined> {
    return this.#command(this.settings.build, SERVICE.tablesNotBuilt(this.name), "private");
  }

  async activate(): Promise<Problem | undefined> {
    return this.#command(this.settings.activate, SERVICE.notReloaded(this.name), "all");
  }

  /**
   * For each name, the certificate file that the effective configuration selects; undefined if the service
   * does not say.
   */
  async chosenCertificates(names: readonly string[]): Promise<(string | undefined)[]> {
    const { chosen } = this.settings;
    if (!chosen) return names.map(() => undefined);
    const calls = names.map((name) => runCall(this.host, "answer", fill(chosen, { name })));
    const answers = await this.session.round(calls);
    return answers.map(({ status, output }) => (status === 0 ? printedFile(output) : undefined));
  }

  /** The blocks of the effective configuration; undefined if the service does not say. */
  async nameBlocks(): Promise<NameBlocks | undefined> {
    const { name_blocks: nameBlocks } = this.settings;
    const listing = nameBlocks ? await this.answer(nameBlocks.list) : undefined;
    if (!nameBlocks || listing === undefined) return undefined;
    return listedBlocks(nameBlocks, listing);
  }

  /** The standard output of a command; undefined if it fails. */
  async answer(command: readonly string[]): Promise<string | undefined> {
    const { status, output } = await this.#run("answer", command);
    return status === 0 ? output : undefined;
  }

  #refusal(command: readonly string[], answer: Answer): Problem | undefined {
    this.#missing = answer.status === COMMAND_NOT_FOUND ? this.#notInstalled(command) : undefined;
    if (answer.status === 0) return undefined;
    return this.#missing ?? this.#failed(SERVICE.refuses(this.name), command, answer);
  }

  #notInstalled(command: readonly string[]): Problem {
    return {
      summary: SERVICE.notInstalled(this.name),
      detail:
        `\`${command.join(" ")}\` was not found on host "${this.host.name}". Install ${this.name} there, correct the ` +
        `command, or take ${this.name} out of the host's services. Nothing was written for it.`,
    };
  }

  async #command(
    command: Command | undefined,
    summary: Summary,
    wanted: "all" | "private",
  ): Promise<Problem | undefined> {
    if (!command) return undefined;
    const answer = await this.#run(wanted, command);
    return answer.status === 0 ? undefined : this.#failed(summary, command, answer);
  }

  #failed(summary: Summary, command: readonly string[], { status, output }: Answer): Problem {
    const shown = command.join(" ");
    if (status === COMMAND_NOT_FOUND) {
      return {
        summary,
        detail: `\`${shown}\` was not found on host "${this.host.name}": is ${this.name} installed there?`,
      };
    }
    const how =
      status === TIMED_OUT
        ? `did not end within ${inSeconds(COMMAND_MS)} s`
        : `ended with exit status ${status}`;
    return { summary, detail: `\`${shown}\` on host "${this.host.name}" ${how}: ${lastLines(output)}` };
  }

  #run(wanted: Wanted, command: readonly string[]): Promise<Answer> {
    return this.session.call(...runCall(this.host, wanted, command));
  }
}

/** A service of the host. It has no commands if it is not declared, or if services are not to be reloaded. */
export function serviceNamed(
  name: string | null,
  { host, session }: { readonly host: HostSettings; readonly session: Session },
): Service {
  const settings = name === null || !host.applyOwnership ? undefined : host.services.get(name);
  return new Service(settings ?? withoutCommands(name ?? ""), host, session);
}

/**
 * Whether a query command gave no answer: it timed out, could not be started (`timeout` and the host script
 * return 125 and 126) or was killed, for example because memory ran out. The service may be running all the
 * same.
 */
function isNoAnswer(status: number): boolean {
  return status >= TIMED_OUT && status !== COMMAND_NOT_FOUND;
}

/** Which output of a command is needed; `private` if it also writes files. */
type Wanted = "all" | "errors" | "answer" | "private";

function runCall(host: HostSettings, wanted: Wanted, command: readonly string[]): Call {
  return ["run", onHost(host, host.stateDirectory), String(inSeconds(COMMAND_MS)), wanted, ...command];
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
