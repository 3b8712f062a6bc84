import { madeOnce } from "../../shared/made-once";
import type { SniTableDocument } from "../../shared/sni-table/document";
import type { Transports } from "../../shared/transport/ssh/transports";
import { CliError } from "../errors/cli-error";
import {
  type HostStatement,
  type HostStatements,
  hostStatements,
  notCompared,
  unknownStatement,
} from "../inputs/host-statements";
import type { Project } from "../inputs/project";
import type { ProjectFlags } from "../inputs/project-options";
import { noProject, projectOf } from "../inputs/project-options";
import type { PublicFacts } from "../inputs/public-facts";
import { ReachedHosts } from "../inputs/reached-hosts";
import { FactsSource } from "../inputs/stack-facts";
import { disabledTable, readTable, stacksOf, withStacks } from "../inputs/table";
import type { CurrentCertificate, CurrentCertificates } from "./questions/expectations";

/** The table of a project, and the certificates that are current. */
export interface Declared {
  readonly table: SniTableDocument;
  /**
   * What is known of the current certificates that a host of a stack should present: less without access to the stack's state,
   * or to hosts that issue their own.
   */
  readonly current: (stack: string, host: string) => CurrentCertificates;
  /** The hosts that make the handshakes with themselves, over SSH. Undefined without `--through-ssh`. */
  readonly through?: ReachedHosts;
}

export interface DeclaredOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** The connections to hosts that issue certificates themselves; null asks none. */
  readonly transports: Transports | null;
  /** Is called with a message for each stack whose state is not accessible, and for each host that cannot be asked. */
  readonly complain: (message: string) => void;
}

/**
 * Reads the table, the public facts of its stacks, and what their hosts say of certificates that they issue themselves.
 *
 * @throws CliError
 */
export async function declaredIn(
  flags: ProjectFlags & { readonly throughSsh?: boolean },
  options: DeclaredOptions,
): Promise<Declared> {
  const { environment, complain } = options;
  const needsProject =
    flags.throughSsh === true || flags.table === undefined || typeof flags.facts !== "string";
  const project = needsProject ? projectOf(flags, environment) : null;
  if (flags.throughSsh && project === null) throw noProject(flags.project ?? ".");
  const path = flags.table ?? (project === null ? "sni-table.json" : project.tablePath);
  if (path === null) throw disabledTable();
  const whole = readTable(path);
  const table = flags.stack === undefined ? whole : withStacks(whole, flags.stack);
  const current =
    flags.facts === false ? null : await currentByStack(flags, stacksOf(table), project, options);
  return {
    table,
    current: (stack, host) => current?.get(stack)?.(host) ?? new Map(),
    ...(flags.throughSsh && project !== null && { through: new ReachedHosts(table, project, complain) }),
  };
}

async function currentByStack(
  flags: ProjectFlags,
  stacks: readonly string[],
  project: Project | null,
  options: DeclaredOptions,
): Promise<ReadonlyMap<string, CurrentOfHost>> {
  const source = new FactsSource(flags, project, options.environment);
  const asked = stacks.map(async (stack) => [stack, await statementsIn(stack, project, options)] as const);
  const [facts, statements] = await Promise.all([factsByStack(stacks, source, options), Promise.all(asked)]);
  return new Map(
    statements.map(([stack, said]) => [stack, currentIn(facts.get(stack) ?? null, said, options)]),
  );
}

/** Without the stacks whose state is not accessible. */
async function factsByStack(
  stacks: readonly string[],
  source: FactsSource,
  { complain }: DeclaredOptions,
): Promise<ReadonlyMap<string, PublicFacts>> {
  const facts = new Map<string, PublicFacts>();
  for (const stack of stacks) {
    try {
      facts.set(stack, await source.of(stack));
    } catch (error) {
      if (!source.isWithoutAccess(error)) throw error;
      complain(
        `The certificates of stack ${stack} are not compared with those of its last deploy. ${error.message}`,
      );
    }
  }
  return facts;
}

/** None for a stack that was not synthesized here: its facts say which hosts are not asked. */
async function statementsIn(
  stack: string,
  project: Project | null,
  options: DeclaredOptions,
): Promise<HostStatements> {
  try {
    return project === null ? new Map() : await hostStatements(project.stack(stack), options);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === "CLI_PROJECT_INVALID") options.complain(error.message);
    return new Map();
  }
}

/** The current certificates that a host should present, by its name. */
export type CurrentOfHost = (host: string) => CurrentCertificates;

/**
 * What is known of the current certificates of a stack: those that the stack issued last, and on a host those that it issues
 * itself. Two hosts may issue one each for the same domain.
 *
 * @param facts null if they are not accessible
 */
export function currentIn(
  facts: PublicFacts | null,
  statements: HostStatements,
  { complain }: Pick<DeclaredOptions, "complain">,
): CurrentOfHost {
  const issued = new Map<string, CurrentCertificate>();
  const own = new Map<string, Map<string, CurrentCertificate>>();
  for (const [host, said] of statements)
    own.set(host, new Map([...said].map(([of, each]) => [of, saidToBe(each)])));
  const unasked = new Set<string>();
  for (const [domain, { fingerprintSha256: fingerprint, notAfter, hosts }] of facts?.certificates ?? []) {
    if (fingerprint !== null) issued.set(domain, { fingerprint, notAfter });
    for (const host of hosts) {
      if (statements.get(host)?.has(domain)) continue;
      unasked.add(host);
      madeOnce(own, host, () => new Map()).set(domain, saidToBe(unknownStatement(host, NOT_SYNTHESIZED)));
    }
  }
  for (const host of unasked) complain(notCompared(host, `${NOT_SYNTHESIZED}.`));
  const onHosts = new Map(
    [...own].map(([host, certificates]) => [host, new Map([...issued, ...certificates])]),
  );
  return (host) => onHosts.get(host) ?? issued;
}

function saidToBe(said: HostStatement): CurrentCertificate {
  return { fingerprint: said.fingerprint, notAfter: said.notAfter, said };
}

const NOT_SYNTHESIZED = "it cannot be asked without the output of cdktf synth, which says how it is reached";
