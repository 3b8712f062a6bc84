import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { NameServerFailure, type TextServers } from "../../shared/dns/name-servers";
import type { KeyedMutex } from "../../shared/mutex";
import { truncated } from "../../shared/text/truncated";
import { AcmeFailure } from "./failure";
import type { ChallengeResponse, Solver } from "./solver";
import { pause, refuseStopped } from "./timeouts";

export interface DnsHookOptions {
  /** A program with its first arguments. */
  readonly command: readonly string[];
  /** Whether one call takes all names (dehydrated's `HOOK_CHAIN`). */
  readonly chain: boolean;
  /** Where the self-check looks the records up; null to skip it. */
  readonly nameServers: TextServers | null;
  /** How long records may take to appear in DNS. */
  readonly propagationMs: number;
  /** Hooks expect that only one of them runs at a time. */
  readonly mutex: KeyedMutex;
  /** How long one call may take, in milliseconds. @default 300000 */
  readonly timeoutMs?: number;
}

const HOOK_TIMEOUT_MS = 300_000;
/** From SIGTERM to SIGKILL: for the work of a trap. */
const TRAP_MS = 2_000;
const LAST_WORDS_MS = 200;
const LOOK_PAUSE_MS = 2_000;
/** Counted in characters. The last `LONGEST_OUTPUT` of a hook's output are kept, and messages show the last `LONGEST_SHOWN`. */
const LONGEST_SHOWN = 1_000;
const LONGEST_OUTPUT = 20_000;
/** With a hundred names, a chained call has thousands of characters. */
const LONGEST_CALL = 20_000;

/**
 * Creates TXT records with a program that implements dehydrated's hook interface (dns-01, RFC 8555 §8.4). It
 * is called with `deploy_challenge` and `clean_challenge`, and for each name with the name, the token and the
 * record's value.
 */
export class DnsHook implements Solver {
  readonly type = "dns-01";

  /** What it was called for. */
  readonly #deployed = new Set<ChallengeResponse>();

  constructor(private readonly options: DnsHookOptions) {}

  async present(responses: readonly ChallengeResponse[], signal?: AbortSignal): Promise<readonly string[]> {
    await this.#inTurn(async () => {
      for (const group of this.#calls(responses)) {
        // Hooks take their time, and those of other orders came first.
        refuseStopped(signal, "the DNS hook was called");
        for (const response of group) this.#deployed.add(response);
        await this.#run("deploy_challenge", group);
      }
    });
    const { nameServers } = this.options;
    if (nameServers !== null) {
      await Promise.all(responses.map((response) => this.#look(response, nameServers, signal)));
    }
    return [];
  }

  async withdraw(responses: readonly ChallengeResponse[]): Promise<readonly string[]> {
    const problems: string[] = [];
    await this.#inTurn(async () => {
      for (const group of this.#calls(responses.filter((each) => this.#deployed.has(each)))) {
        await this.#run("clean_challenge", group).catch((error: Error) => {
          const names = group.map(({ name }) => `_acme-challenge.${name}`).join(", ");
          problems.push(`${error.message} The TXT records of ${names} may have to be deleted by hand.`);
        });
      }
    });
    return problems;
  }

  /** The responses, grouped by call. */
  #calls(responses: readonly ChallengeResponse[]): readonly (readonly ChallengeResponse[])[] {
    if (responses.length === 0) return [];
    return this.options.chain ? [responses] : responses.map((response) => [response]);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const { command, mutex } = this.options;
    return mutex.run([JSON.stringify(command)], work);
  }

  #run(verb: string, group: readonly ChallengeResponse[]): Promise<void> {
    const args = group.flatMap((response) => [response.name, response.token, txtValue(response)]);
    const { command, timeoutMs = HOOK_TIMEOUT_MS } = this.options;
    return run([...command, verb, ...args], timeoutMs);
  }

  async #look(response: ChallengeResponse, nameServers: TextServers, signal?: AbortSignal): Promise<void> {
    const record = `_acme-challenge.${response.name}`;
    const deadline = performance.now() + this.options.propagationMs;
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, LOOK_PAUSE_MS)) {
      if (await isSeen(record, txtValue(response), nameServers)) return;
      if (performance.now() + waitMs > deadline) {
        throw new AcmeFailure(
          `The TXT record of ${record} was not found ${this.options.propagationMs / 1000} s after the hook created it.`,
          "Check the hook's work, and that the domain's name servers have the record; or increase propagation_seconds. The CA was not asked. If only this machine cannot see it, set look_first = false to skip the self-check.",
          undefined,
          undefined,
          [response.name],
        );
      }
      await pause(waitMs, signal);
    }
  }
}

/** Whether DNS has the record. A failure counts as no: the next attempt may succeed. */
async function isSeen(record: string, value: string, nameServers: TextServers): Promise<boolean> {
  try {
    return await nameServers.hasText(record, value);
  } catch (error) {
    if (error instanceof NameServerFailure) return false;
    throw error;
  }
}

function txtValue({ keyAuthorization }: ChallengeResponse): string {
  return createHash("sha256").update(keyAuthorization).digest("base64url");
}

async function run(command: readonly string[], timeoutMs: number): Promise<void> {
  const child = started(command);
  endLate(child, timeoutMs);
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-LONGEST_OUTPUT);
      });
    }
    const fail = (how: string) => reject(failureOf(command, how, output));
    // A process that the hook leaves running, such as a shared ssh connection, keeps the pipes open.
    child.once("exit", () =>
      setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), LAST_WORDS_MS),
    );
    child.once("error", ({ message }) => fail(`cannot be run (${message})`));
    child.once("close", (status, signal) =>
      status === 0 ? resolve() : fail(signal ? `was ended by ${signal}` : `ended with exit status ${status}`),
    );
  });
}

/** @throws {AcmeFailure} if there cannot be such a process at all, as with more arguments and variables than the system allows */
function started(command: readonly string[]) {
  const [program, ...args] = command;
  try {
    return spawn(String(program), args, { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw failureOf(command, `cannot be run (${(error as Error).message})`, "");
  }
}

function failureOf(command: readonly string[], how: string, output: string): AcmeFailure {
  const shown = withoutSecrets(output).slice(-LONGEST_SHOWN).trim() || "(it printed nothing)";
  return new AcmeFailure(
    `The DNS hook ${how}: ${truncated(command.join(" "), LONGEST_CALL)}\n${shown}`,
    "Fix the hook, or run it by hand with these arguments to see more.",
  );
}

/**
 * Ends a hook that takes too long: all orders with it would wait. A shell with a trap heeds SIGTERM only when the program that it runs
 * has ended, and that may never be.
 */
function endLate(child: ChildProcess, timeoutMs: number): void {
  const timers = [
    setTimeout(() => child.kill("SIGTERM"), timeoutMs),
    setTimeout(() => child.kill("SIGKILL"), timeoutMs + TRAP_MS),
  ];
  child.once("close", () => timers.forEach(clearTimeout));
}

/** Masks secrets in a hook's output: hooks have them in the environment, and some print what they send. */
function withoutSecrets(output: string, environment = process.env): string {
  return Object.entries(environment)
    .filter(([name, value = ""]) => SECRET.test(name) && value.length >= SHORTEST_SECRET)
    .reduce((text, [, value]) => text.replaceAll(value as string, "***"), output);
}

const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH/i;
const SHORTEST_SECRET = 6;
