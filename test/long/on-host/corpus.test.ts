import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, DesiredFile, DesiredLink, Removal } from "../../../lib/provider/host/desired/change";
import {
  type HostSettings,
  type ServiceSettings,
  withoutCommands,
} from "../../../lib/provider/host/desired/host-settings";
import { Host } from "../../../lib/provider/host/host";
import { TIMEOUTS } from "../../../lib/shared/transport/timeouts";
import { LocalTransport } from "../../../lib/shared/transport/transport";
import { RenewalHost, type Row, STACK, TOKEN } from "../../on-host/renewal/support/renewal-host";
import { change, link, pem, removal, text } from "../../provider/host/support/changes";
import type { IssuedCertificate } from "../../support/certificates";
import { issue } from "../../support/certificates";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test", "smtp.b.test"] };
const C: Row = { names: ["example.co.uk", "smtp.example.co.uk"], alias: "shop" };
const IDN: Row = { names: ["xn--mller-kva.test"], alias: "mueller" };

const aliasOf = ({ names, alias = names[0] }: Row) => alias;

/** The same rows on two hosts: one is brought about by the program, the other by the provider. */
class Both {
  readonly program = new RenewalHost();
  readonly provider = new RenewalHost();
  #declared: readonly Row[] = [];
  readonly #pems = new Map<string, string>();
  readonly #ca = issue({ subject: "CN=CA", ca: true, notAfter: new Date(Date.now() + 864e5) });

  remove(): void {
    this.program.remove();
    this.provider.remove();
  }

  /** A new certificate for a row, the same on both. */
  async renew(row: Row): Promise<void> {
    const ca: IssuedCertificate = await this.#ca;
    const leaf = await issue({ subject: `CN=${row.names[0]}`, issuer: ca, dnsNames: row.names });
    this.program.putOrdered(aliasOf(row), leaf.keyPem, leaf.pem + ca.pem);
    this.#pems.set(aliasOf(row), leaf.keyPem + (leaf.pem + ca.pem).replaceAll("\n\n", "\n"));
  }

  /** On both hosts, by hand. */
  each(work: (on: RenewalHost) => void): void {
    work(this.program);
    work(this.provider);
  }

  async apply(...rows: readonly Row[]): Promise<void> {
    this.program.declare(...rows);
    const { exitCode, output } = await this.program.run(["install"]);
    expect(exitCode, output).toBe(0);
    const host = new Host(this.#settings, new LocalTransport(), TIMEOUTS);
    const removed = this.#removed(rows);
    const results = await Promise.all([...this.#changes(rows), ...removed].map((each) => host.change(each)));
    await host.close();
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    this.#declared = rows;
  }

  get #settings(): HostSettings {
    const on = this.provider;
    const served = {
      ...withoutCommands("served"),
      config: {
        file: on.at("/etc/served/served.conf"),
        include: "include {path}",
        position: "last" as const,
      },
      check: on.command("check", "{candidate}"),
      activate: on.command("activate"),
      running: on.command("running"),
    };
    const services = new Map<string, ServiceSettings>([
      ["served", served],
      ["filed", withoutCommands("filed")],
    ]);
    return { name: "mx", root: "/", stateDirectory: on.state, applyOwnership: true, services };
  }

  /** The files of rows as resources declare them: from the table that the program has. */
  #changes(rows: readonly Row[]): Change[] {
    const lines = this.provider
      .tableOf(rows)
      .split("\n")
      .map((line) => line.split("\t"));
    return rows.flatMap((row, index) => {
      const alias = aliasOf(row);
      const own = lines.filter(([, of], each) => of === alias && each > 0);
      const isKept = (fields: string[]) => fields[6] === "keep";
      const resource = (token: string, records: string[][], role: Change["role"]) =>
        change({
          kind: this.#declared.some((each) => aliasOf(each) === alias) ? "update" : "create",
          token,
          stack: STACK,
          role,
          names: role === null ? row.names : [],
          files: records.flatMap((fields) => this.#file(fields)),
          links: records.flatMap(([kind, , service, path = "", target = ""]): DesiredLink[] =>
            kind === "link" ? [link(path, target, { service })] : [],
          ),
        });
      const defaults = resource("default", own.filter(isKept), "default");
      return [
        resource(
          alias,
          own.filter((fields) => !isKept(fields)),
          null,
        ),
        ...(index === 0 ? [defaults] : []),
      ];
    });
  }

  #file([kind, alias = "", service = "", mode = "", , , , path = "", source = ""]: string[]): DesiredFile[] {
    if (kind === "pem") return [pem(path, this.#pems.get(alias) ?? "", { mode, service })];
    return kind === "text"
      ? [text(path, this.provider.read(source.slice(this.provider.root.length)), { mode, service })]
      : [];
  }

  #removed(rows: readonly Row[]): Change[] {
    const gone = this.#declared.filter((row) => !rows.some((each) => aliasOf(each) === aliasOf(row)));
    return gone.map((row) => {
      const alias = aliasOf(row);
      const { served, filed, snippet } = this.provider.pathsOf(alias);
      const others = row.names
        .filter((name) => name !== alias)
        .map((name) => this.provider.pathsOf(name).filed);
      const of = (path: string, parts: Partial<Removal>) => removal(this.provider.at(path), parts);
      const removals = [
        ...[filed, ...others].map((path) => of(path, { service: "filed" })),
        of(served, { service: "served" }),
        of(snippet, { service: "served", configuration: true }),
      ];
      return change({ kind: "delete", token: alias, stack: STACK, names: row.names, removals });
    });
  }

  /** What is on a host: files with bytes and modes, links, directories, claimed paths; its own directory is written `ROOT`. */
  found(on: RenewalHost) {
    const tree = Object.entries(on.tree()).map(([path, what]) => [path, what.replaceAll(on.root, "ROOT")]);
    const owned = on
      .ledger()
      .pathsOfStack(STACK)
      .filter((path) => path !== on.program);
    return {
      tree: Object.fromEntries(tree),
      claims: owned.map((path) => path.slice(on.root.length)).sort(),
      pending: on.ledger().pendingActivations,
      unfinished: on.ledger().unfinished,
      loaded: [...A.names, ...B.names, ...C.names, ...IDN.names, "default"].map((name) => on.loaded(name)),
    };
  }

  expectSame(): void {
    expect(this.found(this.program)).toEqual(this.found(this.provider));
  }
}

describe("the renewal program and the provider, with the same rows", () => {
  let both: Both;
  beforeEach(() => {
    both = new Both();
  });
  afterEach(() => both.remove());

  it("GIVEN new rows, renewals, removals, another default THEN they leave the same on disk, byte for byte", async () => {
    for (const row of [A, B, C, IDN]) await both.renew(row);
    await both.apply(A, B, C);
    both.expectSame();
    await both.renew(B);
    await both.apply(A, B, C);
    both.expectSame();
    await both.apply(A, C);
    both.expectSame();
    await both.renew(C);
    await both.apply(IDN, A, C);
    both.expectSame();
    expect(both.found(both.program).loaded.filter(Boolean)).toHaveLength(6);
  });

  it("GIVEN what users have done to files THEN they leave the same on disk", async () => {
    for (const row of [A, B]) await both.renew(row);
    await both.apply(A, B);
    both.each((on) => {
      chmodSync(on.at("/etc/served/a.test.pem"), 0o644);
      writeFileSync(on.at("/etc/served/conf.d/b.test.conf"), "# mine\n");
      rmSync(on.at("/var/filed/servercert.pem"));
      rmSync(on.at("/var/filed/imap.b.test/servercert.pem"));
      symlinkSync("../a.test/servercert.pem", on.at("/var/filed/imap.b.test/servercert.pem"));
      rmSync(on.at("/var/filed/smtp.b.test"), { recursive: true });
      writeFileSync(on.at("/var/filed/a.test/mine"), "mine");
    });
    await both.apply(A, B);
    both.expectSame();
    await both.apply(A);
    both.expectSame();
  });

  it("GIVEN directories that are links, as the article makes them THEN they leave the same on disk", async () => {
    for (const row of [A, B, C]) await both.renew(row);
    both.each((on) => {
      on.write(on.at("/var/filed/b.test/servercert.pem"), "of the article", 0o600);
      on.write(on.at("/var/filed/b.test/mine"), "mine");
      symlinkSync("b.test", on.at("/var/filed/smtp.b.test"));
      symlinkSync(on.at("/var/filed/b.test"), on.at("/var/filed/imap.b.test"));
      // One that leads nowhere, and one in place of a row's own directory.
      symlinkSync("nowhere", on.at("/var/filed/imap.a.test"));
      on.write(on.at("/srv/shop/servercert.pem"), "elsewhere");
      symlinkSync(on.at("/srv/shop"), on.at("/var/filed/shop"));
    });
    await both.apply(A, B, C);
    both.expectSame();
    expect(both.program.read("/srv/shop/servercert.pem")).toBe("elsewhere");
    await both.apply(A, C);
    both.expectSame();
  });

  it("GIVEN files of others where theirs are to be THEN they take over the same ones", async () => {
    for (const row of [A, B]) await both.renew(row);
    both.each((on) => {
      on.write(on.at("/etc/served/b.test.pem"), "by hand", 0o644);
      on.write(on.at("/var/filed/servercert.pem"), "by hand", 0o600);
      on.write(on.at("/var/filed/imap.a.test/servercert.pem"), "by hand");
    });
    await both.apply(A, B);
    both.expectSame();
    expect(both.found(both.program).claims).not.toContain(TOKEN);
  });
});
