import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines, mustRun } from "./commands";
import { freePort } from "./ports";
import { findPostgresql, postgresqlUser } from "./postgresql-installation";

const START_DEADLINE_MS = 30_000;
const USER = "mail";

/** Debian's PostgreSQL on a port and in a directory of its own, with an empty database and a user with a password. */
export class PostgresqlServer {
  static async start(): Promise<PostgresqlServer> {
    const programs = findPostgresql();
    if (programs === null) throw new Error("there is no PostgreSQL on this machine");
    const server = new PostgresqlServer(
      programs,
      mkdtempSync(join(tmpdir(), "mail-sni-postgresql-")),
      await freePort(),
    );
    await server.#initialise();
    await server.#begin();
    return server;
  }

  readonly password = "a password of the tests";
  #process: ChildProcess | undefined;

  private constructor(
    private readonly programs: string,
    private readonly directory: string,
    private readonly port: number,
  ) {}

  /** What `PG_CONN_STR` says, with the password unless that is left to `PGPASSWORD`. */
  connection({ withPassword }: { readonly withPassword: boolean }): string {
    const user = withPassword ? `${USER}:${encodeURIComponent(this.password)}` : USER;
    return `postgres://${user}@127.0.0.1:${this.port}/postgres?sslmode=disable`;
  }

  /** The rows of a query, a line each. */
  async query(sql: string): Promise<string[]> {
    const psql = [join(this.programs, "psql"), "-XAtq", "-c", sql, this.connection({ withPassword: false })];
    const { stdout } = await mustRun(psql as [string, ...string[]], { env: { PGPASSWORD: this.password } });
    return stdout.split("\n").filter(Boolean);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGINT");
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.directory, "data");
  }

  async #initialise(): Promise<void> {
    const { uid, gid } = postgresqlUser();
    const passwordFile = join(this.directory, "password");
    writeFileSync(passwordFile, `${this.password}\n`, { mode: 0o600 });
    for (const path of [this.directory, passwordFile]) chownSync(path, uid, gid);
    chmodSync(this.directory, 0o700);
    const options = ["-D", this.#data, "-U", USER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-N"];
    await mustRun([...this.#asItsUser, join(this.programs, "initdb"), ...options] as [string, ...string[]]);
  }

  async #begin(): Promise<void> {
    const settings = [
      `port=${this.port}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "fsync=off",
    ];
    const [program, ...args] = [
      ...this.#asItsUser,
      join(this.programs, "postgres"),
      ...["-D", this.#data],
      ...settings.flatMap((setting) => ["-c", setting]),
    ];
    const log = join(this.directory, "log");
    const said = openSync(log, "w");
    const child = spawn(program as string, args, { stdio: ["ignore", said, said] });
    closeSync(said);
    this.#process = child;
    for (const deadline = Date.now() + START_DEADLINE_MS; !(await this.#answers()); await delay(50)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      throw new Error(`PostgreSQL did not start:\n${lastLines(readFileSync(log, "utf8"))}`);
    }
  }

  #answers(): Promise<boolean> {
    return this.query("SELECT 1").then(
      () => true,
      () => false,
    );
  }

  get #asItsUser(): readonly string[] {
    const { uid, gid } = postgresqlUser();
    return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  }
}
