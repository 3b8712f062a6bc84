import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { renewalProgram } from "../../../../build/host-programs";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import { type JobRow, parseJobResult } from "../../../../lib/shared/host-job/job-result";
import { canonicalPem } from "../../../../lib/shared/pem";
import { previousPath, stagedPath } from "../../../../lib/shared/transport/paths";
import { SERVED, ServedControl } from "../../../provider/host/support/served-control";
import { type IssuedCertificate, type IssueOptions, issue } from "../../../support/certificates";

const ROOT = join(__dirname, "../../../..");

export const STACK = "mail";
export const TOKEN = "token-of-dehydrated";

/** A certificate as the table has it. */
export interface Row {
  readonly names: readonly [string, ...string[]];
  /** @default the first name */
  readonly alias?: string;
}

export interface RunOptions {
  /** @default ["dash"] */
  readonly shell?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Shell before the last part of the program, such as a verb of another kind. */
  readonly prelude?: string;
}

/** How a run of the program ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * A mail host below a temporary directory, with the renewal program, what dehydrated would have ordered, and two services:
 * `served`, which serves what it was told to load, and `filed`, which reads its files again for each connection.
 */
export class RenewalHost extends ServedControl {
  readonly temporary: string;
  readonly root: string;
  readonly control: string;
  readonly directory: string;
  readonly state: string;
  readonly work: string;
  readonly program: string;
  /** The user's own hook. */
  hook: string | undefined;
  /** What starts the program: its kind, and its file. */
  timer: readonly [kind: string, file: string] | undefined;
  /** The directory of tokens that a web server serves. */
  webroot: string | undefined;
  /** Lines of the table about services: replace them for others. */
  services: string[];
  #ca: Promise<IssuedCertificate> | undefined;

  /** @param below the directory whose directory for temporary files it is in, such as that of a chroot */
  constructor(below = "/") {
    super();
    this.temporary = mkdtempSync(join(below, tmpdir(), "mail-sni-renewal-"));
    this.root = join(this.temporary, "root");
    this.control = join(this.temporary, "control");
    this.directory = join(this.root, "etc/mail-sni/dehydrated");
    this.state = join(this.root, "var/lib/mail-sni");
    this.work = join(this.state, "dehydrated");
    this.program = join(this.directory, "renewal");
    for (const directory of [this.directory, this.control]) mkdirSync(directory, { recursive: true });
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    const main = join(this.root, "etc/served/served.conf");
    this.write(main, `include ${this.root}/etc/served/conf.d/*.conf\n`);
    this.services = [
      "service\tserved",
      `config\tserved\t${main}\tlast\tinclude {path}\t-`,
      ...(["check\t{candidate}", "activate", "running", "chosen\t{name}"] as const).map((verb) =>
        [verb.split("\t")[0], "served", ...this.command(), verb].join("\t"),
      ),
      "service\tfiled",
    ];
    writeFileSync(
      join(this.state, "ledger"),
      `mail-sni-ledger\t1\t.\nclaim\t${STACK}\t${TOKEN}\t${this.program}\t.\n`,
      { mode: 0o600 },
    );
  }

  /** A command of `served`. */
  command(...args: string[]): string[] {
    const main = join(this.root, "etc/served/served.conf");
    return ["env", `SERVED_MAIN=${main}`, "sh", SERVED, "", this.control, ...args];
  }

  remove(): void {
    rmSync(this.temporary, { recursive: true, force: true });
  }

  write(path: string, contents: string, mode?: number): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents, { mode });
  }

  /** The paths of a certificate. The first row of a table has those of the default as well. */
  pathsOf(alias: string) {
    return {
      filed: `/var/filed/${alias}/servercert.pem`,
      served: `/etc/served/${alias}.pem`,
      snippet: `/etc/served/conf.d/${alias}.conf`,
    };
  }

  /** Declares these rows, the first one as the default. */
  declare(...rows: readonly Row[]): void {
    this.write(join(this.directory, "table"), this.tableOf(rows));
  }

  /** Declares rows, and gives each of them a certificate. @returns the PEM of each */
  async ordered(...rows: readonly Row[]): Promise<string[]> {
    this.declare(...rows);
    return Promise.all(rows.map((row) => this.order(row)));
  }

  /** Declares rows, and installs a certificate for each of them. @returns the PEM of each */
  async installed(...rows: readonly Row[]): Promise<string[]> {
    const pems = await this.ordered(...rows);
    const { exitCode, output } = await this.run(["install"]);
    if (exitCode !== 0 || output !== "") throw new Error(output);
    this.calls();
    return pems;
  }

  tableOf(rows: readonly Row[]): string {
    const records = rows.flatMap((row, index) => this.records(row, index === 0));
    const head = [
      "mail-sni-renewal\t1",
      `state\t${this.state}`,
      `work\t${this.work}`,
      `hook\t${this.hook ?? "-"}`,
      ...(this.webroot === undefined ? [] : [`webroot\t${this.webroot}`]),
      ...(this.timer === undefined ? [] : [["timer", ...this.timer].join("\t")]),
    ];
    return [...head, ...this.services, ...records, ""].join("\n");
  }

  /** The records of a row. Other servers have others. */
  protected records({ names, alias = names[0] }: Row, isDefault: boolean): string[] {
    const { filed, served, snippet } = this.pathsOf(alias);
    const own = [
      ["row", alias, ...names],
      ["pem", alias, "filed", "0640", "-", "-", "remove", this.at(filed)],
      ["pem", alias, "served", "0600", "-", "-", "remove", this.at(served)],
      this.text(alias, "remove", snippet, `serve ${names.join(" ")} ${this.at(served)}\n`),
      ...names
        .filter((name) => name !== alias)
        .map((name) => [
          "link",
          alias,
          "filed",
          this.at(this.pathsOf(name).filed),
          `../${alias}/servercert.pem`,
        ]),
    ];
    const defaults = [
      ["pem", alias, "filed", "0640", "-", "-", "keep", this.at("/var/filed/servercert.pem")],
      ["pem", alias, "served", "0600", "-", "-", "keep", this.at("/etc/served/default.pem")],
      this.text(
        alias,
        "keep",
        "/etc/served/conf.d/zz-default.conf",
        `default ${this.at("/etc/served/default.pem")}\n`,
      ),
    ];
    return [...own, ...(isDefault ? defaults : [])].map((fields) => fields.join("\t"));
  }

  protected text(alias: string, keep: string, path: string, contents: string, service = "served"): string[] {
    const source = join(this.directory, "snippets", path.split("/").at(-1) as string);
    this.write(source, contents, 0o644);
    return ["text", alias, service, "0644", "-", "-", keep, this.at(path), source];
  }

  ca(): Promise<IssuedCertificate> {
    this.#ca ??= issue({ subject: "CN=CA", ca: true, notAfter: new Date(Date.now() + 864e5) });
    return this.#ca;
  }

  /** Has dehydrated a new certificate for a row. @returns the PEM that servers are to present */
  async order({ names, alias = names[0] }: Row, options: IssueOptions = {}): Promise<string> {
    const issuer = await this.ca();
    const leaf = await issue({ subject: `CN=${names[0]}`, issuer, dnsNames: names, ...options });
    this.putOrdered(alias, leaf.keyPem, leaf.pem + issuer.pem);
    return canonicalPem(leaf.keyPem + leaf.pem + issuer.pem);
  }

  /** The files of dehydrated for a row: links to files with the time in their names, as it makes them. */
  putOrdered(alias: string, key: string, chain: string): void {
    const directory = join(this.work, "certs", alias);
    mkdirSync(directory, { recursive: true });
    const time = `${Date.now()}${process.hrtime()[1]}`;
    for (const [name, contents] of Object.entries({ privkey: key, fullchain: chain })) {
      writeFileSync(join(directory, `${name}-${time}.pem`), contents, { mode: 0o600 });
      rmSync(join(directory, `${name}.pem`), { force: true });
      symlinkSync(`${name}-${time}.pem`, join(directory, `${name}.pem`));
    }
  }

  /** Brings the program to its place. */
  install(prelude = ""): void {
    const program = renewalProgram(ROOT).replace(
      "\n# The verbs of the command line.\n",
      () => `\n${prelude}\n`,
    );
    // By a new name, as a deploy does: another run may be reading the program.
    const fresh = join(this.temporary, `renewal-${process.hrtime.bigint()}`);
    this.write(fresh, program, 0o755);
    renameSync(fresh, this.program);
  }

  /** Installs the program, and runs it. */
  async run(
    args: readonly string[],
    { shell = ["dash"], env = {}, prelude = "" }: RunOptions = {},
  ): Promise<Ended> {
    this.install(prelude);
    const child = spawn(shell[0], [...shell.slice(1), this.program, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    return new Promise((resolve) => child.on("close", (exitCode) => resolve({ exitCode, output })));
  }

  /** What the result file says of each row, as the provider reads it. */
  result(): Record<string, JobRow> {
    const { rows } = parseJobResult(readFileSync(join(this.work, "result"), "utf8"));
    return Object.fromEntries(rows.map((row) => [row.name, row]));
  }

  ledgerText(): string {
    return readFileSync(join(this.state, "ledger"), "utf8");
  }

  ledger(): Ledger {
    const ledger = new Ledger();
    ledger.read(this.ledgerText());
    return ledger;
  }

  note(...lines: readonly (readonly string[])[]): void {
    writeFileSync(join(this.state, "ledger"), lines.map((line) => `${line.join("\t")}\t.\n`).join(""), {
      flag: "a",
    });
  }

  /** Everything below the root but what is the program's own: `path`, `path/` or `path -> target`, with mode and contents. */
  tree(): Record<string, string> {
    const found: Record<string, string> = {};
    const walk = (directory: string) => {
      for (const entry of readdirSync(this.at(directory), { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (this.at(path) === this.state || this.at(path) === this.directory) continue;
        if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(this.at(path))}`;
        else if (entry.isDirectory()) {
          found[`${path}/`] = this.mode(path);
          walk(path);
        } else found[path] = `${this.mode(path)} ${this.read(path)}`;
      }
    };
    walk("/");
    return found;
  }

  /** Names of temporary files anywhere, and what a run leaves in the work directory. */
  leftovers(): string[] {
    const temporary = Object.keys(this.tree()).filter((path) =>
      [stagedPath("/x"), previousPath("/x")].some((name) => path.endsWith(name.slice("/.x".length))),
    );
    const staged = ["staged", "candidate.conf", "output"].filter((name) =>
      existsSync(join(this.state, name)),
    );
    return [...temporary, ...staged, ...(existsSync(join(this.work, "now")) ? ["now"] : [])];
  }
}
