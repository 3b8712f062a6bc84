import { Transports } from "../../shared/transport/ssh/transports";
import { NameLookups } from "../dns/name-lookups";
import type { Engine } from "../engine/engine";
import { CliError } from "../errors/cli-error";
import type { Project, SynthesizedStack } from "../inputs/project";
import { withoutStacks } from "../inputs/stacks-with-hosts";
import { HOST_CHECKS } from "./checks/host/checks";
import { HostThere } from "./checks/host/host-there";
import { MACHINE_CHECKS } from "./checks/machine/checks";
import { STACK_CHECKS } from "./checks/stack/checks";
import { synthesized } from "./checks/stack/synthesized";
import { NO_FILES } from "./declared/declared-files";
import type { DeclaredHost } from "./declared/declared-host";
import { type DeclaredStack, declaredStack } from "./declared/declared-stack";
import { type Task, taskOf } from "./examination/examination";
import { skipped } from "./examination/finding";
import { type Subject, THIS_MACHINE } from "./examination/subject";
import { type NameScope, NameTasks } from "./name-tasks";
import { WebrootTasks } from "./webroot-tasks";

/** What to check. */
export interface Scope extends NameScope {
  readonly project: Project;
  /** The stacks that were asked for by name; null for all that use the provider. */
  readonly stacks: readonly string[] | null;
  readonly engine: Engine;
  readonly environment: NodeJS.ProcessEnv;
  /** The directory of `cdktf.json`. */
  readonly directory: string;
  /** Why no host is connected to; null if they are. */
  readonly withoutHosts: string | null;
  /** Whether a file is written to hosts, to see whether a CA would find it. */
  readonly writesProbe: boolean;
}

/** The checks of a project, with the connections that they share. */
export class DoctorTasks {
  readonly #transports = new Transports();
  readonly #hosts: HostThere[] = [];
  readonly #names: NameTasks;
  readonly #webroots: WebrootTasks | null;

  constructor(private readonly scope: Scope) {
    const lookups = new NameLookups();
    this.#names = new NameTasks(scope, lookups);
    this.#webroots = scope.writesProbe ? new WebrootTasks(this.#transports, lookups) : null;
  }

  /** @throws CliError if no stack has mail hosts, or there is no such stack */
  all(): readonly Task[] {
    const stacks = this.#stacks();
    const { environment, engine, directory } = this.scope;
    const machine = { environment, engine, directory, stacks: stacks.length };
    return [
      ...MACHINE_CHECKS.map((check) => taskOf(check, machine, THIS_MACHINE)),
      ...stacks.flatMap((stack, index) => this.#ofStack(stack, stacks.slice(0, index))),
    ];
  }

  /** Ends the connections, and removes what was written. @returns what may still be there, as sentences */
  async close(): Promise<readonly string[]> {
    const left = (await this.#webroots?.close()) ?? [];
    await Promise.all(this.#hosts.map((host) => host.close()));
    await this.#transports.close();
    return left;
  }

  #stacks(): readonly FoundStack[] {
    const { project, stacks } = this.scope;
    const given = stacks?.map((name) => project.stack(name));
    const found = (given ?? project.stacks()).map((stack) => ({ ...stack, declared: readStack(stack) }));
    const relevant = found.filter(
      ({ declared }) =>
        given !== undefined || declared instanceof CliError || declared.providerVersion !== null,
    );
    if (relevant.length === 0) throw withoutStacks();
    return relevant;
  }

  #ofStack({ declared, ...stack }: FoundStack, before: readonly FoundStack[]): Task[] {
    const { environment, engine, project } = this.scope;
    const subject = { ...THIS_MACHINE, stack: stack.name };
    const first = taskOf(synthesized, stack, subject);
    if (declared instanceof CliError) return [first];
    const earlier = before.flatMap((one) =>
      one.declared instanceof CliError ? [] : [{ name: one.name, declared: one.declared }],
    );
    const { outputDirectory } = project;
    const here = { ...stack, declared, earlier, environment, engine, outputDirectory };
    return [
      first,
      ...STACK_CHECKS.map((check) => taskOf(check, here, subject)),
      ...[...declared.hosts].flatMap(([name, host]) =>
        this.#ofHost({ ...subject, host: name }, host, declared),
      ),
      ...this.#names.ofStack(stack.name, declared),
      ...(this.#webroots?.ofStack(stack.name, declared) ?? []),
    ];
  }

  #ofHost(subject: Subject, host: DeclaredHost | string, { files }: DeclaredStack): Task[] {
    const reason = notLookedAt(host, this.scope);
    if (typeof host === "string" || reason !== null) {
      const look = async () => [skipped(reason ?? "it is not known")];
      return [{ check: HOST_CHECKS[0].id, subject, look }];
    }
    const there = new HostThere({
      declared: host,
      files: files.get(subject.host ?? "") ?? NO_FILES,
      now: this.scope.now,
      transport: this.#transports.to(host.connection),
    });
    this.#hosts.push(there);
    return HOST_CHECKS.map((check) => taskOf(check, there, subject));
  }
}

/** A stack of the project, and what it declares or why that cannot be read. */
interface FoundStack extends SynthesizedStack {
  readonly declared: DeclaredStack | CliError;
}

function readStack(stack: SynthesizedStack): DeclaredStack | CliError {
  try {
    return declaredStack(stack);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

/** Null if the host is checked. */
function notLookedAt(host: DeclaredHost | string, { withoutHosts }: Scope): string | null {
  if (typeof host === "string") return host;
  return host.isGone ? "it is marked as gone" : withoutHosts;
}
