import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, ChangeResult } from "../../../../lib/provider/host/desired/change";
import { type ServiceSettings, withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import type { Host } from "../../../../lib/provider/host/host";
import { describePending } from "../../../../lib/provider/host/record/ledger";
import { pemFor } from "../../../support/test-pem";
import { certificate, change, pathsOf, pem, text, withoutCertificate } from "../support/changes";
import { ShellTransport } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
let host: Host;
beforeEach(() => start());
afterEach(() => on.remove());

function start(served: (host: TestHost) => Partial<ServiceSettings> = () => ({})): void {
  on = new TestHost();
  redeclare(served);
}

/** Declares the service with other settings from now on, on the same host. */
function redeclare(served: (host: TestHost) => Partial<ServiceSettings>): void {
  const settings = on.settings.services.get("served");
  if (!settings) throw new Error("no such service");
  const services = new Map([...on.settings.services, ["served", { ...settings, ...served(on) }]]);
  on.settings = { ...on.settings, services };
  host = on.open();
}

async function restart(served: (host: TestHost) => Partial<ServiceSettings>): Promise<void> {
  await on.remove();
  start(served);
}

function apply(...changes: Change[]): Promise<ChangeResult[]> {
  return Promise.all(changes.map((each) => host.change(each)));
}

const summaries = (results: readonly ChangeResult[]) =>
  results.map(({ errors }) => errors.map(({ summary }) => summary));
const warnings = (results: readonly ChangeResult[]) =>
  results.flatMap((result) => result.warnings.map(({ summary }) => summary));

describe("a batch of changes", () => {
  const names = ["a.test", "b.test", "c.test"];

  it("GIVEN several changes THEN the service is checked once and activated once", async () => {
    const results = await apply(...names.map((name) => certificate(name, name)));
    expect(summaries(results)).toEqual([[], [], []]);
    expect(on.calls()).toEqual(["check", "running", "activate"]);
    expect(names.map((name) => on.loaded(name))).toEqual(names);
  });

  it.each(names)(
    "GIVEN the service refuses the configuration of %s THEN that change alone fails",
    async (bad) => {
      const results = await apply(
        ...names.map((name) => certificate(name, name, { configuration: name === bad ? "broken\n" : "" })),
      );
      expect(summaries(results)).toEqual(
        names.map((name) => (name === bad ? ["served refuses the configuration"] : [])),
      );
      expect(names.map((name) => on.loaded(name))).toEqual(
        names.map((name) => (name === bad ? undefined : name)),
      );
      expect(on.ledger().pendingActivations).toEqual([]);
      expect(on.leftovers()).toEqual([]);
    },
  );

  it("GIVEN the activation fails because of one change THEN that change alone fails and the service is activated again", async () => {
    on.tell("chokes-on", "b.test");
    const results = await apply(...names.map((name) => certificate(name, name)));
    expect(summaries(results)).toEqual([[], ["served failed to load the new files"], []]);
    expect(results[1]?.errors[0]?.detail).toContain("out of memory: b.test");
    expect(names.map((name) => on.loaded(name))).toEqual(["a.test", undefined, "c.test"]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN the swap of one change's file fails THEN that change alone fails, without a second attempt", async () => {
    await apply(...names.map((name) => certificate(name, "old")));
    on.calls();
    // The target becomes a directory after its check, as if another process had replaced it meanwhile.
    const { served } = pathsOf("b.test");
    const trap = `swap_in() { case $2 in *${served}) command rm -f "$2"; command mkdir "$2";; esac; command mv -fT -- "$1" "$2"; }\n`;
    host = on.open({ transport: new ShellTransport(["sh"], trap) });
    const results = await apply(...names.map((name) => certificate(name, "new", { kind: "update" })));
    expect(summaries(results)).toEqual([[], [`${served} cannot be replaced`], []]);
    expect(on.calls()).toEqual(["check", "running", "activate"]);
    expect([on.loaded("a.test"), on.loaded("c.test")]).toEqual(["new", "new"]);
  });

  it("GIVEN one faulty change of forty THEN it is found with far fewer than forty activations", async () => {
    const many = Array.from({ length: 40 }, (_, index) => `d${index}.test`);
    const results = await apply(
      ...many.map((name) =>
        certificate(name, name, { configuration: name === "d23.test" ? "broken\n" : "" }),
      ),
    );
    expect(results.flatMap(({ errors }, index) => (errors.length > 0 ? [many[index]] : []))).toEqual([
      "d23.test",
    ]);
    expect(on.calls().filter((call) => call === "activate").length).toBeLessThan(10);
  });

  it("GIVEN no time is left for further attempts THEN all changes fail and their previous files are restored", async () => {
    host = on.open({ timeouts: { halvingMs: 0 } });
    const results = await apply(
      ...names.map((name) => certificate(name, name, { configuration: name === "a.test" ? "broken\n" : "" })),
    );
    expect(results.every(({ errors }) => errors.length === 1)).toBe(true);
    expect(names.some((name) => on.has(pathsOf(name).served))).toBe(false);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN one deletion and one creation THEN both are done in one activation", async () => {
    await apply(certificate("old.test", "old"));
    on.calls();
    await apply(withoutCertificate("old.test"), certificate("new.test", "new"));
    expect(on.calls()).toEqual(["check", "running", "activate"]);
    expect([on.loaded("old.test"), on.loaded("new.test")]).toEqual([undefined, "new"]);
  });
});

describe("the order of writes", () => {
  it("WHEN a certificate is created THEN the ledger and the staged files are synced before the first swap", async () => {
    const logged = (tool: string) =>
      `${tool}() { echo "${tool} $*" >>'${on.control}/order'; command ${tool} "$@"; }\n`;
    const log = ["sync", "mv", "ln", "tar"].map(logged).join("");
    host = on.open({ transport: new ShellTransport(["sh"], log) });
    await apply(certificate("a.test", "x", { aliases: ["imap.a.test"] }));
    const order = readFileSync(join(on.control, "order"), "utf8").trim().split("\n");
    const first = (pattern: RegExp) => order.findIndex((line) => pattern.test(line));
    const swap = first(/^(mv|ln|tar) /);
    expect(swap).toBeGreaterThanOrEqual(0);
    expect(first(/^sync .*\/ledger( |$)/)).toBeGreaterThanOrEqual(0);
    expect(first(/^sync .*\/ledger( |$)/)).toBeLessThan(swap);
    expect(first(/^sync .*a\.test\.pem\.mail-sni-new/)).toBeGreaterThanOrEqual(0);
    expect(first(/^sync .*a\.test\.pem\.mail-sni-new/)).toBeLessThan(swap);
  });

  it("WHEN certificates are created or renewed THEN directories are synced once a batch, before the ledger settles an activation", async () => {
    const logged = (tool: string) =>
      `${tool}() { echo "${tool} $*" >>'${on.control}/order'; command ${tool} "$@"; }\n`;
    const noting = `append() { printf '%s' "$2" >>'${on.control}/order'; printf '%s' "$2" >>"$1"; stat -c '%i %s' -- "$1"; }\n`;
    host = on.open({
      transport: new ShellTransport(["sh"], ["sync", "mv", "ln", "rm"].map(logged).join("") + noting),
    });
    for (const value of ["x", "y"]) {
      await apply(
        certificate("a.test", value, { aliases: ["imap.a.test"], kind: value === "x" ? "create" : "update" }),
        certificate("b.test", value, { kind: value === "x" ? "create" : "update" }),
      );
      const order = readFileSync(join(on.control, "order"), "utf8").trim().split("\n");
      rmSync(join(on.control, "order"));
      const swapped = order.findLastIndex((line) => /^(mv|ln|rm) /.test(line));
      const synced = order.findLastIndex((line) => line.startsWith("sync "));
      const noted = order.findIndex((line) => line.startsWith("paid\t"));
      expect(order.filter((line) => line.startsWith("sync "))).toHaveLength(2);
      expect(order[synced]).toContain(dirname(on.at(pathsOf("a.test").filed)));
      expect(order[synced]).toContain(dirname(on.at(pathsOf("a.test").served)));
      expect([swapped < synced, synced < noted]).toEqual([true, true]);
    }
  });

  it("WHEN a certificate is deleted THEN its PEM is removed after the activation", async () => {
    await apply(certificate("a.test", "x"));
    // `activate` of the test's service fails if the configuration names a missing PEM.
    expect(summaries(await apply(withoutCertificate("a.test")))).toEqual([[]]);
    expect(on.has(pathsOf("a.test").served)).toBe(false);
  });

  it("GIVEN a PEM that cannot be removed WHEN its certificate is deleted THEN all its files are restored and served", async () => {
    await apply(certificate("a.test", "x"));
    const stuck = 'take_away() { case $1 in *.pem) return 1;; esac; command mv -fT -- "$1" "$2"; }\n';
    host = on.open({ transport: new ShellTransport(["sh"], stuck) });
    const { errors } = await host.change(withoutCertificate("a.test"));
    expect(errors.map(({ summary }) => summary)).toContain(`${pathsOf("a.test").served} cannot be removed`);
    expect(on.loaded("a.test")).toBe("x");
    expect(on.ledger().pendingActivations).toEqual([]);
    expect([...on.ledger().pathsOf("a.test")]).toContain(pathsOf("a.test").snippet);
  });

  it("GIVEN a `build` command THEN it runs between swap and activation, and other users cannot read its output", async () => {
    await restart((host) => ({ build: host.command("build") }));
    await apply(certificate("a.test", "x"));
    expect(on.calls()).toEqual(["check", "build", "running", "activate"]);
    expect(readFileSync(`${on.control}/table`, "utf8")).toContain("serve a.test");
    expect(statSync(`${on.control}/table`).mode & 0o777).toBe(0o600);
    // `activate` keeps the usual umask: a restarted server creates its files with its own modes.
    expect(readFileSync(`${on.control}/umask`, "utf8").trim()).toBe("0022");
  });

  it("GIVEN `build` fails THEN the change fails, its files are removed, and the service is not activated", async () => {
    await restart((host) => ({ build: host.command("build") }));
    on.tell("build-fails");
    const results = await apply(certificate("a.test", "x"));
    expect(summaries(results)).toEqual([["The tables of served cannot be built"]]);
    expect(on.has(pathsOf("a.test").served)).toBe(false);
    expect(on.calls()).not.toContain("activate");
  });
});

describe("messages of commands", () => {
  it("GIVEN a command that is missing THEN the message asks whether the service is installed", async () => {
    await restart(() => ({ activate: ["no-such-program", "reload"] }));
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toBe(
      '`no-such-program reload` was not found on host "mx1": is served installed there?',
    );
  });

  it("GIVEN a command that fails THEN the message has the command, its exit status and its last lines", async () => {
    await restart(() => ({ activate: ["sh", "-c", "echo one; echo two >&2; exit 75"] }));
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toMatch(/`sh -c .*` on host "mx1" ended with exit status 75: one\ntwo/s);
  });

  it("GIVEN a check that prints a secret on standard output THEN the message has only its standard error", async () => {
    await restart(() => ({
      check: ["sh", "-c", "printf SEC; echo RET; echo 'bad file' >&2; exit 1"],
      config: undefined,
    }));
    on.write("/etc/served/served.conf", "");
    const { errors, warnings: said } = await host.change(certificate("a.test", "x"));
    expect(JSON.stringify([errors, said])).not.toContain("SECRET");
    expect(JSON.stringify([errors, said])).toContain("bad file");
  });
});

describe("pending activations", () => {
  const pending = (token: string) => describePending(on.ledger(), token);

  it("WHEN the activation starts THEN the host's ledger already records it as pending", async () => {
    await restart((host) => ({
      activate: ["sh", "-c", 'cp "$1" "$2/ledger-at-activation"', "sh", host.ledgerPath, host.control],
    }));
    await apply(certificate("a.test", "x"));
    expect(readFileSync(`${on.control}/ledger-at-activation`, "utf8")).toMatch(
      /^owe\tserved\t\w+\ta\.test\t\.$/m,
    );
    expect(pending("a.test")).toBeNull();
  });

  it("GIVEN a pending activation of another run WHEN an unrelated file is changed THEN the service is activated", async () => {
    await apply(certificate("a.test", "old"));
    writeFileSync(on.at(pathsOf("a.test").served), "new");
    appendFileSync(on.ledgerPath, "owe\tserved\tabc\tsomebody\t.\n");
    host = on.open();
    const results = await apply(change({ token: "unrelated", files: [text("/etc/unrelated", "x")] }));
    expect(summaries(results)).toEqual([[]]);
    expect(on.loaded("a.test")).toBe("new");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN a pending activation of the resource WHEN an update changes no file THEN the service is activated", async () => {
    await apply(certificate("a.test", "x"));
    appendFileSync(on.ledgerPath, "owe\tserved\tabc\ta.test\t.\n");
    rmSync(`${on.control}/loaded`, { recursive: true });
    host = on.open();
    const result = await host.change(certificate("a.test", "x", { kind: "update" }));
    expect(result).toMatchObject({ errors: [], warnings: [], pending: null });
    expect(on.loaded("a.test")).toBe("x");
  });

  it("GIVEN the service is not running THEN no activation is run or pending, and there is one warning", async () => {
    on.tell("stopped");
    const results = await apply(certificate("a.test", "x"), certificate("b.test", "x"));
    expect(warnings(results)).toEqual(["served is not running"]);
    expect(warnings(await apply(certificate("c.test", "x")))).toEqual([]);
    expect(on.calls()).not.toContain("activate");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN a further attempt finds the configuration broken THEN the activations of the swapped files stay pending", async () => {
    const soundOnce = 'n=$(cat "$1/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$1/n"; [ "$n" -eq 0 ]';
    await restart((host) => ({ check: ["sh", "-c", soundOnce, "sh", host.control] }));
    on.tell("chokes-on", "b.test");
    const results = await apply(certificate("a.test", "x"), certificate("b.test", "x"));
    expect(summaries(results)).toEqual([[], []]);
    expect([pending("a.test"), pending("b.test")]).toEqual(
      Array(2).fill("served: files have changed and are not served yet"),
    );
  });

  it("GIVEN another service fails and the activation of the restored files fails too THEN that activation stays pending", async () => {
    const onlyOnce = '[ ! -e "$1/once" ] && : >"$1/once"';
    await restart((host) => ({ activate: ["sh", "-c", onlyOnce, "sh", host.control] }));
    const refusing = { ...withoutCommands("late"), build: ["false"] };
    host = on.open({ settings: { services: new Map([...on.settings.services, ["late", refusing]]) } });
    const wanted = certificate("a.test", "x");
    const late = text("/etc/late.conf", "x", { service: "late" });
    expect(summaries(await apply({ ...wanted, files: [...wanted.files, late] }))).toEqual([
      ["The tables of late cannot be built"],
    ]);
    expect(on.has(pathsOf("a.test").served)).toBe(false);
    expect(on.ledger().pendingActivations).toHaveLength(1);
  });

  it("GIVEN files that cannot be staged THEN no activation is run or pending", async () => {
    const wanted = certificate("a.test", "x");
    const files = wanted.files.map((file) => ({ ...file, group: "no-such-group" }));
    expect((await host.change({ ...wanted, files })).errors).not.toEqual([]);
    expect([on.calls(), on.ledger().pendingActivations]).toEqual([[], []]);
  });

  it("GIVEN the activation of the restored files fails too THEN it stays pending until an update succeeds", async () => {
    await apply(certificate("a.test", "old"));
    on.tell("chokes-on", "serve a.test");
    const { errors } = await host.change(certificate("a.test", "new", { kind: "update" }));
    expect(errors).toHaveLength(1);
    expect(on.read(pathsOf("a.test").served)).toBe("old");
    expect(pending("a.test")).toBe("served: files have changed and are not served yet");
    on.untell("chokes-on");
    expect(summaries(await apply(certificate("a.test", "old", { kind: "update" })))).toEqual([[]]);
    expect(pending("a.test")).toBeNull();
  });
});

describe("a configuration that an administrator has broken", () => {
  beforeEach(() => on.write("/etc/served/conf.d/00-local.conf", "typo here\n"));

  it("WHEN certificates are created THEN their files are swapped in, their activations stay pending, and one warning names no domain", async () => {
    const results = await apply(certificate("a.test", "x"), certificate("b.test", "x"));
    expect(summaries(results)).toEqual([[], []]);
    expect(warnings(results)).toEqual(["The configuration of served was already broken and was not loaded"]);
    const [said] = results.flatMap((result) => result.warnings);
    expect(said?.detail).toContain("syntax error: typo here");
    expect(said?.path).toBeUndefined();
    expect(results.map(({ pending }) => pending)).toEqual(
      Array(2).fill("served: files have changed and are not served yet"),
    );
    expect(on.has(pathsOf("b.test").snippet)).toBe(true);
    expect(on.calls()).not.toContain("activate");
  });

  it("WHEN it has been repaired THEN the next change of any file settles all activations", async () => {
    await apply(certificate("a.test", "x"));
    on.write("/etc/served/conf.d/00-local.conf", "");
    await apply(change({ token: "unrelated", files: [text("/etc/unrelated", "x")] }));
    expect(on.loaded("a.test")).toBe("x");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("WHEN a certificate is renewed THEN the new PEM is in place and its activation is pending", async () => {
    on.write("/etc/served/conf.d/00-local.conf", "");
    await apply(certificate("a.test", "old"));
    on.write("/etc/served/conf.d/00-local.conf", "typo here\n");
    const result = await host.change(certificate("a.test", "new", { kind: "update" }));
    expect(result.errors).toEqual([]);
    expect([on.read(pathsOf("a.test").served), on.loaded("a.test")]).toEqual(["new", "old"]);
    expect(result.pending).not.toBeNull();
  });

  it("GIVEN the broken file is a managed one WHEN it is updated or deleted THEN that repairs the configuration and activates the service", async () => {
    rmSync(on.at("/etc/served/conf.d/00-local.conf"));
    await apply(certificate("a.test", "old"), certificate("b.test", "x"));
    on.write(pathsOf("a.test").snippet, "edited\n");
    const results = await apply(certificate("a.test", "new", { kind: "update" }));
    expect(results).toMatchObject([{ errors: [], warnings: [], pending: null }]);
    expect(on.loaded("a.test")).toBe("new");
    on.write(pathsOf("b.test").snippet, "edited\n");
    expect(await apply(withoutCertificate("b.test"))).toMatchObject([
      { errors: [], warnings: [], pending: null },
    ]);
    expect([on.loaded("a.test"), on.loaded("b.test")]).toEqual(["new", undefined]);
  });

  it("GIVEN a managed PEM is missing WHEN it is written again THEN the service is activated for all certificates", async () => {
    rmSync(on.at("/etc/served/conf.d/00-local.conf"));
    await apply(certificate("a.test", "x"));
    rmSync(on.at(pathsOf("a.test").served));
    // The live configuration names a missing PEM, so the service cannot load any certificate.
    const results = await apply(certificate("b.test", "x"));
    expect(warnings(results)).toHaveLength(1);
    const result = await host.change(certificate("a.test", "x", { kind: "update" }));
    expect(result).toMatchObject({ errors: [], warnings: [], pending: null });
    expect([on.loaded("a.test"), on.loaded("b.test")]).toEqual(["x", "x"]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });
});

describe("new PEMs that break the configuration", () => {
  it("GIVEN the configuration is valid without them THEN the change with those PEMs fails", async () => {
    await restart((host) => ({
      check: ["sh", "-c", `! grep -q poison "$1"/etc/served/pem/*.pem`, "sh", host.root],
      config: undefined,
    }));
    await apply(certificate("a.test", "old"));
    const results = await apply(
      certificate("a.test", "poison", { kind: "update" }),
      certificate("b.test", "fine"),
    );
    expect(summaries(results)).toEqual([["served refuses the configuration"], []]);
    expect([on.loaded("a.test"), on.loaded("b.test")]).toEqual(["old", "fine"]);
  });
});

describe("names that a foreign block overrides", () => {
  const contesting = (host: TestHost) => ({
    chosen: host.command("chosen", "{name}"),
    name_blocks: { list: host.command("blocks"), pattern: "^names (.+) \\{$" },
  });

  it("GIVEN a foreign block for one name THEN that change fails, and the message has the certificate that would be presented", async () => {
    await restart(contesting);
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/00-foreign.conf", "serve imap.a.test /etc/foreign.pem\n");
    const results = await apply(
      certificate("a.test", "x", { aliases: ["imap.a.test"] }),
      certificate("b.test", "x", { aliases: ["imap.b.test"] }),
    );
    expect(summaries(results)).toEqual([
      ["imap.a.test is overridden by another block in served's configuration"],
      [],
    ]);
    expect(results[0]?.errors[0]?.detail).toContain("the certificate in /etc/foreign.pem");
    expect([on.has(pathsOf("a.test").snippet), on.loaded("imap.b.test")]).toEqual([false, "x"]);
    expect(on.calls().filter((call) => call === "chosen")).toHaveLength(1);
  });

  it("GIVEN `build` fails when that change is undone THEN its activation stays pending, and the other change is served", async () => {
    await restart((host) => ({
      ...contesting(host),
      build: ["sh", "-c", '[ ! -e "$0" ] && : >"$0"', join(host.control, "built-once")],
    }));
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/00-foreign.conf", "serve imap.a.test /etc/foreign.pem\n");
    const results = await apply(
      certificate("a.test", "x", { aliases: ["imap.a.test"] }),
      certificate("b.test", "x"),
    );
    expect(warnings(results)).toEqual(["The old files were restored, but served may not serve them yet"]);
    expect(on.loaded("b.test")).toBe("x");
    expect(on.ledger().pendingActivations).toHaveLength(1);
  });

  it("GIVEN a service that declares no list of blocks THEN the lookup runs for all names", async () => {
    await restart((host) => ({ chosen: host.command("chosen", "{name}"), name_blocks: undefined }));
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/00-foreign.conf", "serve imap.a.test /etc/foreign.pem\n");
    const aliases = ["imap.a.test"];
    expect(summaries(await apply(certificate("a.test", "x", { aliases })))).toEqual([
      ["imap.a.test is overridden by another block in served's configuration"],
    ]);
  });

  it("GIVEN a foreign block for an optional name that the certificate covers THEN that change fails", async () => {
    await restart(contesting);
    on.write("/etc/foreign.pem", "foreign");
    const foreign = ["pop.a.test", "pop.b.test", "elsewhere.c.test"];
    on.write("/etc/served/conf.d/00-foreign.conf", `serve ${foreign.join(" ")} /etc/foreign.pem\n`);
    const optional = (domain: string, contents: string) => ({
      ...certificate(domain, contents, { aliases: [`pop.${domain}`] }),
      names: [domain],
    });
    const results = await apply(
      optional("a.test", await pemFor("a.test", "pop.a.test")),
      optional("b.test", await pemFor("b.test")),
      // This certificate covers a name that is not declared for it.
      optional("c.test", await pemFor("c.test", "elsewhere.c.test")),
    );
    expect(summaries(results)).toEqual([
      ["pop.a.test is overridden by another block in served's configuration"],
      [],
      [],
    ]);
  });

  it("GIVEN a foreign block that comes later, and so does not win, THEN the change succeeds", async () => {
    await restart(contesting);
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/zz-foreign.conf", "serve imap.a.test /etc/foreign.pem\n");
    expect(summaries(await apply(certificate("a.test", "x", { aliases: ["imap.a.test"] })))).toEqual([[]]);
  });
});

describe("files in place that the service may not serve", () => {
  const all = (host: TestHost) => ({
    chosen: host.command("chosen", "{name}"),
    name_blocks: { list: host.command("blocks"), pattern: "^names (.+) \\{$", winner: "first" as const },
    default_certificate: host.command("default"),
  });
  const inQuestion = (contents: string): Change => ({
    ...certificate("a.test", contents, { kind: "update", aliases: ["imap.a.test"] }),
    asksServices: true,
  });
  const takeName = () => {
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/00-foreign.conf", "serve imap.a.test /etc/foreign.pem\n");
  };

  beforeEach(async () => {
    await restart(all);
    expect(summaries(await apply(certificate("a.test", "old", { aliases: ["imap.a.test"] })))).toEqual([[]]);
  });

  it("GIVEN a foreign block for a name WHEN no file changes THEN that is an error, without a swap or an activation", async () => {
    takeName();
    const before = on.tree();
    const calls = on.calls().length;
    expect(summaries(await apply(inQuestion("old")))).toEqual([
      ["imap.a.test is overridden by another block in served's configuration"],
    ]);
    expect(on.tree()).toEqual(before);
    expect(on.calls().slice(calls)).not.toContain("activate");
    expect(on.ledger().owner(pathsOf("a.test").served)?.token).toBe("a.test");
  });

  it("GIVEN a foreign block for a name WHEN the certificate is renewed THEN that is an error, and the renewal is served", async () => {
    takeName();
    expect(summaries(await apply(inQuestion("new")))).toEqual([
      ["imap.a.test is overridden by another block in served's configuration"],
    ]);
    expect([on.read(pathsOf("a.test").served), on.loaded("a.test")]).toEqual(["new", "new"]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN a foreign block for a name WHEN another file is added THEN that is an error, and the resource owns the added file", async () => {
    takeName();
    const { files, ...question } = inQuestion("old");
    const more = pem("/var/filed/more.pem", "more", { service: "filed" });
    expect(summaries(await apply({ ...question, files: [...files, more] }))).toEqual([
      ["imap.a.test is overridden by another block in served's configuration"],
    ]);
    expect(on.read(more.path)).toBe("more");
    expect(on.ledger().owner(more.path)?.token).toBe("a.test");
  });

  it("GIVEN the files are served by now THEN there is neither an error nor a warning", async () => {
    const results = await apply(inQuestion("old"));
    expect([summaries(results), warnings(results)]).toEqual([[[]], []]);
  });

  it("GIVEN a broken configuration WHEN no file changes THEN the warning mentions no pending activation", async () => {
    on.write("/etc/served/conf.d/00-foreign.conf", "nonsense\n");
    const { errors, warnings } = await host.change(inQuestion("old"));
    expect(errors).toEqual([]);
    expect(warnings[0]?.detail).toContain("Nothing has been changed for it");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN another file sets the default certificate THEN a new default fails and is undone, and an existing one fails and stays", async () => {
    const slot = (contents: string, configuration: string, parts: Partial<Change> = {}) =>
      change({
        role: "default",
        token: "default",
        files: [
          pem("/etc/served/pem/default.pem", contents, { service: "served" }),
          text("/etc/served/conf.d/99-default.conf", configuration, { service: "served" }),
        ],
        ...parts,
      });
    const line = "default /etc/served/pem/default.pem\n";
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/zz-foreign.conf", "default /etc/foreign.pem\n");
    // The last of several default lines applies, as in Dovecot.
    redeclare((host) => ({
      ...all(host),
      default_certificate: ["sh", "-c", '"$@" | tail -n 1', "sh", ...host.command("default")],
    }));
    const elsewhere = "The default certificate of served is overridden";
    expect(summaries(await apply(slot("x", line)))).toEqual([[elsewhere]]);
    expect(on.has("/etc/served/pem/default.pem")).toBe(false);
    rmSync(on.at("/etc/served/conf.d/zz-foreign.conf"));
    expect(summaries(await apply(slot("x", line)))).toEqual([[]]);
    on.write("/etc/served/conf.d/zz-foreign.conf", "default /etc/foreign.pem\n");
    expect(summaries(await apply(slot("x", line, { kind: "update", asksServices: true })))).toEqual([
      [elsewhere],
    ]);
    expect(on.read("/etc/served/pem/default.pem")).toBe("x");
  });
});

describe("a service that may not read its configuration files", () => {
  const MARKER = "/etc/served/conf.d/00-marker.conf";
  const preparing = (kind: Change["kind"] = "create") =>
    change({
      kind,
      role: "base",
      token: "base",
      files: [text(MARKER, "serve marker.test /etc/served/marker.pem\n", { service: "served" })],
    });
  const withMarker = async (served: (host: TestHost) => Partial<ServiceSettings>) => {
    await restart(served);
    on.write("/etc/served/marker.pem", "x");
  };
  const proving = (host: TestHost) => ({
    arrival: { list: host.command("blocks"), pattern: "^names marker\\.test ", advice: "Include conf.d" },
  });

  it("GIVEN it reads the base configuration THEN a create succeeds; GIVEN it does not THEN an update fails with advice and is undone", async () => {
    await withMarker(proving);
    expect(summaries(await apply(preparing()))).toEqual([[]]);
    on.write("/etc/served/served.conf", "");
    const { errors } = await host.change({
      ...preparing("update"),
      files: [text(MARKER, "serve marker.test /etc/served/marker.pem\n# more\n", { service: "served" })],
    });
    expect(errors.map(({ summary }) => summary)).toEqual([`served does not read ${MARKER}`]);
    expect(errors[0]?.detail).toMatch(/on host "mx1".*Include conf\.d\.$/s);
    expect(on.read(MARKER)).not.toContain("more");
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN its configuration cannot be listed THEN the change succeeds", async () => {
    await withMarker(() => ({ arrival: { list: ["false"], pattern: "x", advice: "" } }));
    expect(summaries(await apply(preparing()))).toEqual([[]]);
  });

  it("GIVEN it does not read a certificate's configuration THEN that change fails, without an activation", async () => {
    await restart((host) => ({
      chosen: host.command("chosen", "{name}"),
      name_blocks: { list: host.command("blocks"), pattern: "^names (.+) \\{$", winner: "first" },
    }));
    on.write("/etc/served/served.conf", "");
    const results = await apply(certificate("a.test", "x", { aliases: ["imap.a.test"] }));
    expect(summaries(results)).toEqual([[`served does not read ${pathsOf("a.test").snippet}`]]);
    expect(on.calls().filter((call) => call === "chosen")).toHaveLength(1);
    expect(on.calls()).not.toContain("activate");
    expect(on.has(pathsOf("a.test").snippet)).toBe(false);
  });
});

describe("a service with a declared version", () => {
  const printing = (...print: string[]) => ({
    version: { print, pattern: "^# (\\d+\\.\\d+)", expected: "2.3", advice: "Use another one" },
  });
  const base = () =>
    change({
      role: "base",
      token: "base",
      files: [text("/etc/served/conf.d/0.conf", "", { service: "served" })],
    });

  it.each([
    ["the same version", ["echo", "# 2.3.19"], []],
    ["an unknown version", ["echo", "# ?"], []],
    ["another version", ["echo", "# 2.4.1"], ["served is version 2.4, but is declared as 2.3"]],
    [
      "another version, with an exit status",
      ["sh", "-c", "echo '# 2.4.1'; exit 89"],
      ["served is version 2.4, but is declared as 2.3"],
    ],
    ["no service", ["no-such-program"], ["served is not installed"]],
  ])(
    "GIVEN %s WHEN its host is prepared THEN the change succeeds or fails accordingly",
    async (_, print, expected) => {
      await restart(() => printing(...print));
      expect(summaries(await apply(base()))).toEqual([expected]);
      expect(on.has("/etc/served/conf.d/0.conf")).toBe(expected.length === 0);
    },
  );

  it("GIVEN its configuration is accepted WHEN a certificate is created THEN its version is not checked", async () => {
    await restart((host) => printing("sh", "-c", `: >${host.control}/asked`));
    expect(summaries(await apply(certificate("a.test", "x")))).toEqual([[]]);
    expect(existsSync(join(on.control, "asked"))).toBe(false);
  });

  it("GIVEN another version that refuses the configuration THEN each certificate fails with that reason", async () => {
    await restart(() => ({ ...printing("echo", "# 2.4.1"), check: ["false"] }));
    const results = await apply(certificate("a.test", "x"), certificate("b.test", "x"));
    expect(summaries(results)).toEqual([
      ["served is version 2.4, but is declared as 2.3"],
      ["served is version 2.4, but is declared as 2.3"],
    ]);
    expect(warnings(results)).toEqual([]);
    expect(Object.keys(on.tree()).filter((path) => path.includes(".test"))).toEqual([]);
  });

  it("GIVEN it was uninstalled WHEN certificates change THEN an update fails and keeps the old files, and a deletion succeeds", async () => {
    await apply(certificate("a.test", "old"), certificate("b.test", "old"));
    redeclare(() => ({ check: ["no-such-program"], running: ["no-such-program"] }));
    const results = await apply(
      certificate("a.test", "new", { kind: "update" }),
      withoutCertificate("b.test"),
    );
    expect(summaries(results)).toEqual([["served is not installed"], []]);
    expect(on.read(pathsOf("a.test").served)).toBe("old");
    expect(on.has(pathsOf("b.test").served)).toBe(false);
  });

  it("GIVEN an update that creates a directory fails THEN the empty directory is removed, and the next update creates it", async () => {
    await restart(() => printing("echo", "# 2.3.1"));
    expect(summaries(await apply(base()))).toEqual([[]]);
    const directory = { path: "/etc/served/2.4", mode: "0755", owner: null, group: null };
    const next: Change = {
      ...base(),
      kind: "update",
      directories: [directory],
      files: [text("/etc/served/conf.d/0.conf", "# 2.4\n", { service: "served" })],
    };
    redeclare(() => printing("echo", "# 2.4.1"));
    expect(summaries(await apply(next))).toEqual([["served is version 2.4, but is declared as 2.3"]]);
    expect(on.has(directory.path)).toBe(false);
    expect(on.ledger().owner(directory.path)).toBeUndefined();
    redeclare(() => printing("echo", "# 2.3.1"));
    expect(summaries(await apply(next))).toEqual([[]]);
    expect(on.has(directory.path)).toBe(true);
    expect(on.ledger().owner(directory.path)?.token).toBe("base");
  });
});

describe("placeholders", () => {
  const placeholder = (configuration: boolean): Change =>
    change({
      role: "base",
      directories: [{ path: "/etc/served/pem", mode: "0755", owner: null, group: null }],
      placeholders: [
        {
          path: "/etc/served/pem/default.pem",
          names: ["mx1.test"],
          mode: "0600",
          owner: null,
          group: null,
          service: "served",
          configuration: configuration
            ? { path: "/etc/served/conf.d/99-default.conf", text: "default /etc/served/pem/default.pem\n" }
            : null,
        },
      ],
    });

  it("GIVEN a service without a default certificate THEN a placeholder is created and loaded, and no resource owns it", async () => {
    await restart((host) => ({ default_certificate: host.command("default") }));
    expect(summaries(await apply(placeholder(true)))).toEqual([[]]);
    expect(on.loaded("default")).toMatch(/PRIVATE KEY-----\n-----BEGIN CERTIFICATE/);
    expect([
      on.mode("/etc/served/pem/default.pem"),
      on.ledger().owner("/etc/served/pem/default.pem"),
    ]).toEqual(["0600", undefined]);
  });

  it("GIVEN the administrator has set a default certificate THEN no placeholder is created", async () => {
    await restart((host) => ({ default_certificate: host.command("default") }));
    on.write("/etc/theirs.pem", "theirs");
    on.write("/etc/served/conf.d/50-ssl.conf", "default /etc/theirs.pem\n");
    await apply(placeholder(true));
    expect([on.has("/etc/served/pem/default.pem"), on.has("/etc/served/conf.d/99-default.conf")]).toEqual([
      false,
      false,
    ]);
  });

  it("GIVEN a missing directory THEN it is created for the placeholder; GIVEN an existing placeholder THEN it is unchanged", async () => {
    const file = { ...placeholder(false), directories: [] };
    expect(summaries(await apply(file))).toEqual([[]]);
    const made = on.read("/etc/served/pem/default.pem");
    await apply({ ...file, kind: "update" });
    expect(on.read("/etc/served/pem/default.pem")).toBe(made);
  });

  it("GIVEN a certificate for the same path THEN it replaces the placeholder without a warning, and any other file with one", async () => {
    const path = "/etc/served/pem/default.pem";
    const certain = change({ token: "default", files: [pem(path, "certain")] });
    await apply(placeholder(false));
    const made = on.read(path);

    on.write(path, "theirs");
    expect(warnings(await apply(certain))).toEqual([`${path} existed already and was replaced`]);

    await apply({ ...change({ token: "default" }), kind: "delete" });
    on.write(path, made);
    expect(warnings(await apply(certain))).toEqual([]);
    expect(on.read(path)).toBe("certain");
  });

  it("GIVEN invalid names THEN this change fails, and no other", async () => {
    const bad = placeholder(false);
    const results = await apply(
      { ...bad, placeholders: bad.placeholders.map((each) => ({ ...each, names: ["not a name"] })) },
      certificate("a.test", "x"),
    );
    expect(results.map(({ errors }) => errors.length)).toEqual([1, 0]);
  });
});

describe("files of no service, and of one that the host does not declare", () => {
  it("THEN they are swapped in, without an activation", async () => {
    const wanted = change({
      files: [pem("/etc/plain", "x"), text("/etc/other", "y", { service: "undeclared" })],
    });
    expect(summaries(await apply(wanted))).toEqual([[]]);
    expect([on.read("/etc/plain"), on.read("/etc/other"), on.calls()]).toEqual(["x", "y", []]);
  });
});
