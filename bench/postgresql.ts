import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Engine, runEngine } from "../test/support/engine";
import { findPostgresql } from "../test/support/postgresql-installation";
import { PostgresqlServer } from "../test/support/postgresql-server";
import {
  APPLY,
  bareWorkspace,
  domainsOf,
  domainsWorkspace,
  NO_CHANGE_PLAN,
  resourcesOf,
  type Workspace,
} from "./engine";
import { inPairs, timed } from "./pairs";
import type { BuiltProvider } from "./provider";
import { count, megabytes, type Row, row } from "./report";

/**
 * How long applying and planning `resources` of ours takes where PostgreSQL keeps the state, next to as many `terraform_data`
 * with as much state there. Nothing where there is no PostgreSQL.
 */
export async function benchPostgresql(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times }: { readonly resources: number; readonly times: number },
): Promise<Row[]> {
  if (findPostgresql() === null) return [];
  const root = join(directory, "root");
  const domains = domainsOf(resources);
  const ours = await domainsWorkspace(engine, join(directory, "ours"), provider, { domains, root });
  // With a local state first: it shows how many bytes the other side has to have.
  await ours.run(APPLY);
  const stateBytes = ours.stateBytes;
  const total = resourcesOf(domains);
  const theirs = await bareWorkspace(engine, directory, total, stateBytes);
  const server = await PostgresqlServer.start();
  try {
    const [one, other] = [
      new PostgresqlWorkspace(engine, ours, server, "ours"),
      new PostgresqlWorkspace(engine, theirs, server, "theirs"),
    ];
    const applies = await inPairs(
      times,
      async () => {
        rmSync(root, { recursive: true, force: true });
        await one.begin();
        return timed(() => one.run(APPLY));
      },
      async () => {
        await other.begin();
        return timed(() => other.run(APPLY));
      },
    );
    const plans = await inPairs(
      2 * times + 1,
      () => timed(() => one.run(NO_CHANGE_PLAN)),
      () => timed(() => other.run(NO_CHANGE_PLAN)),
    );
    const what = "as many `terraform_data` there";
    return [
      row(
        `Apply of ${count(total)} resources, ${megabytes(stateBytes)} of state in PostgreSQL`,
        applies,
        what,
      ),
      row("… plan without a change", plans, "the same"),
    ];
  } finally {
    await server.stop();
  }
}

/** Runs a workspace with its state in PostgreSQL. */
class PostgresqlWorkspace {
  #applies = 0;

  constructor(
    private readonly engine: Engine,
    private readonly workspace: Workspace,
    private readonly server: PostgresqlServer,
    private readonly name: string,
  ) {}

  /** With a new state. */
  async begin(): Promise<void> {
    this.#applies++;
    // A local state would be moved.
    this.workspace.clear();
    const backend = { pg: { schema_name: `${this.name}_${this.#applies}` } };
    // Files of this name replace what others say.
    const override = join(this.workspace.directory, "backend_override.tf.json");
    writeFileSync(override, JSON.stringify({ terraform: { backend } }));
    await this.run(["init", "-reconfigure", "-input=false"]);
  }

  async run(args: readonly string[]): Promise<void> {
    const env = { PG_CONN_STR: this.server.connection({ withPassword: true }) };
    const { exitCode, output } = await runEngine(this.engine, this.workspace.directory, args, { env });
    if (exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${exitCode}:\n${output.slice(-2_000)}`);
  }
}
