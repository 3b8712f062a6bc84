import type { SniTableDocument } from "../../shared/sni-table/document";
import type { ProjectFlags } from "../inputs/project-options";
import { noProject, projectOf } from "../inputs/project-options";
import type { PublicFacts } from "../inputs/public-facts";
import { ReachedHosts } from "../inputs/reached-hosts";
import { FactsSource } from "../inputs/stack-facts";
import { disabledTable, readTable, stacksOf, withStacks } from "../inputs/table";
import type { CurrentCertificates } from "./questions/expectations";

/** The table of a project, and the certificates of its last deploy. */
export interface Declared {
  readonly table: SniTableDocument;
  /** The current certificates of a stack; empty without access to its state. */
  readonly current: (stack: string) => CurrentCertificates;
  /** The hosts that make the handshakes with themselves, over SSH. Undefined without `--through-ssh`. */
  readonly through?: ReachedHosts;
}

/**
 * Reads the table, and the public facts of its stacks.
 *
 * @param complain is called with a message for each stack whose state is not accessible
 * @throws CliError
 */
export async function declaredIn(
  flags: ProjectFlags & { readonly throughSsh?: boolean },
  environment: NodeJS.ProcessEnv,
  complain: (message: string) => void,
): Promise<Declared> {
  const needsProject =
    flags.throughSsh === true || flags.table === undefined || typeof flags.facts !== "string";
  const project = needsProject ? projectOf(flags, environment) : null;
  if (flags.throughSsh && project === null) throw noProject(flags.project ?? ".");
  const path = flags.table ?? (project === null ? "sni-table.json" : project.tablePath);
  if (path === null) throw disabledTable();
  const whole = readTable(path);
  const table = flags.stack === undefined ? whole : withStacks(whole, flags.stack);
  const source = flags.facts === false ? null : new FactsSource(flags, project, environment);
  const current = source === null ? new Map() : await currentByStack(stacksOf(table), source, complain);
  return {
    table,
    current: (stack) => current.get(stack) ?? new Map(),
    ...(flags.throughSsh && project !== null && { through: new ReachedHosts(table, project, complain) }),
  };
}

/** Without the stacks whose state is not accessible. */
async function currentByStack(
  stacks: readonly string[],
  source: FactsSource,
  complain: (message: string) => void,
): Promise<ReadonlyMap<string, CurrentCertificates>> {
  const current = new Map<string, CurrentCertificates>();
  for (const stack of stacks) {
    try {
      current.set(stack, currentIn(await source.of(stack)));
    } catch (error) {
      if (!source.isWithoutAccess(error)) throw error;
      complain(
        `The certificates of stack ${stack} are not compared with those of its last deploy. ${error.message}`,
      );
    }
  }
  return current;
}

/** The certificates that a stack issued last, with what a check compares. */
export function currentIn({ certificates }: PublicFacts): CurrentCertificates {
  return new Map(
    [...certificates].flatMap(([domain, { fingerprintSha256: fingerprint, notAfter }]) =>
      fingerprint === null ? [] : [[domain, { fingerprint, notAfter }]],
    ),
  );
}
