import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Change, ChangeResult } from "../../../../lib/provider/host/desired/change";
import { type ServiceSettings, withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import type { Host } from "../../../../lib/provider/host/host";
import { sha256 } from "../../../../lib/shared/sha256";
import type { Transport } from "../../../../lib/shared/transport/transport";
import { combinedPem, issue } from "../../../support/certificates";
import { certificate, pathsOf, removal, text, withoutCertificate } from "../support/changes";
import { ShellTransport } from "../support/shells";
import { TestHost } from "../support/test-host";
import { startTlsServer, type TlsServer } from "../support/tls-server";

const MOVING = "mail.test";
/** Of several blocks with a name the first one applies, and files are read in alphabetical order. */
const [EARLY, LATE] = ["a.test", "z.test"];

const pems = new Map<string, string>();
beforeAll(async () => {
  for (const name of [EARLY, LATE]) {
    for (const names of [[name], [name, MOVING], [MOVING]]) {
      const dnsNames = [...names];
      pems.set(keyOf(name, names), combinedPem(await issue({ subject: `CN=${name}`, dnsNames })));
    }
  }
});
const keyOf = (name: string, names: readonly string[]) => `${name}: ${names.join(" ")}`;
const pemOf = (name: string, ...names: string[]) => pems.get(keyOf(name, names)) ?? "";

let on: TestHost;
let host: Host;
let server: TlsServer;
/** The names that were asked for in handshakes. */
let asked: string[];
beforeEach(async () => {
  on = new TestHost();
  asked = [];
  server = await startTlsServer((name) => {
    if (name !== undefined) asked.push(name);
    return on.loaded(name ?? "none") ?? pemOf(EARLY, EARLY);
  });
  host = open();
});
afterEach(async () => {
  await server.stop();
  await on.remove();
});

interface OpenOptions {
  readonly transport?: Transport;
  readonly canary?: boolean;
  /** Services besides those of every `TestHost`. */
  readonly services?: readonly ServiceSettings[];
}

/** A new process of the provider. @param parts of the settings of `served` */
function open(
  parts: Partial<ServiceSettings> = {},
  { transport, canary, services: more = [] }: OpenOptions = {},
): Host {
  const served = on.settings.services.get("served");
  if (!served?.config) throw new Error("no such service");
  const services = new Map(on.settings.services).set("served", {
    ...served,
    config: { ...served.config, includes: "^include[[:space:]]" },
    chosen: on.command("chosen", "{name}"),
    name_blocks: { list: on.command("blocks"), pattern: "^names (.+) \\{$", winner: "first" },
    endpoints: [{ address: "127.0.0.1", port: server.port, protocol: "tls" }],
    ...parts,
  });
  for (const each of more) services.set(each.name, each);
  return on.open({
    settings: { services, canary },
    transport,
    timeouts: { handoverMs: 1_000, presentMs: 2_000 },
  });
}

const having = (name: string, parts: Partial<Change> = {}): Change => ({
  ...certificate(name, pemOf(name, name, MOVING), { kind: "update", aliases: [MOVING] }),
  ...parts,
});
const without = (name: string, parts: Partial<Change> = {}): Change => ({
  ...certificate(name, pemOf(name, name), { kind: "update" }),
  removals: [removal(pathsOf(MOVING).filed, { service: "filed" })],
  ...parts,
});
const create = { kind: "create" } as const;

async function apply(...changes: Change[]): Promise<ChangeResult[]> {
  return Promise.all(changes.map((each) => host.change(each)));
}

/** Applies the changes in two batches, as an engine that sends the second one while the first one is applied. */
async function inTurn(first: Change, second: Change): Promise<ChangeResult[]> {
  on.calls();
  const result = host.change(first);
  await on.called("activate");
  return Promise.all([result, host.change(second)]);
}

const told = (results: readonly ChangeResult[]) =>
  results.map(({ errors, warnings, pending }) => ({
    errors: errors.map(({ summary }) => summary),
    warnings: warnings.map(({ summary }) => summary),
    pending,
  }));
const FINE = { errors: [], warnings: [], pending: null };
const STILL_ELSEWHERE = {
  errors: [],
  warnings: [`${MOVING} still has the certificate of another resource in served's configuration`],
  pending:
    `clients that request ${MOVING} get the certificate in ${pathsOf(EARLY).served} until another resource of stack "stack" ` +
    "gives that name up: apply that change, too",
};
const OVERRIDDEN = {
  errors: [`${MOVING} is overridden by another block in served's configuration`],
  warnings: [],
  pending: null,
};

describe.each([
  { from: EARLY, to: LATE, which: "whose old block wins" },
  { from: LATE, to: EARLY, which: "whose old block loses" },
])("a name that moves from a resource $which", ({ from, to }) => {
  beforeEach(async () => {
    expect(told(await apply(having(from, create), without(to, create)))).toEqual([FINE, FINE]);
  });

  it.each([
    ["one batch", () => apply(without(from), having(to))],
    ["one batch, the other way round", () => apply(having(to), without(from))],
    ["an earlier batch for the old resource", () => inTurn(without(from), having(to))],
    ["an earlier batch for the new resource", () => inTurn(having(to), without(from))],
  ])("GIVEN %s THEN both succeed, and the name is served the new certificate", async (_, run) => {
    const results = told(await run());
    const gone = `${pathsOf(MOVING).filed} was missing for a moment`;
    for (const { errors, warnings, pending } of results) {
      expect([errors, warnings.filter((warning) => warning !== gone), pending]).toEqual([[], [], null]);
    }
    expect([from, to, MOVING].map((name) => on.loaded(name))).toEqual([
      pemOf(from, from),
      pemOf(to, to, MOVING),
      pemOf(to, to, MOVING),
    ]);
    expect(on.read(pathsOf(MOVING).filed)).toBe(pemOf(to, to, MOVING));
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN one batch, and a service that reads its files at each connection THEN the name has the old certificate or the new one at every moment", async () => {
    const link = on.at(pathsOf(MOVING).filed);
    // After each `mv`, notes which certificate the name has.
    const watch = `mv() { command mv "$@"; s=$?; sha256sum <'${link}' >>'${on.control}/seen'; return $s; }\n`;
    host = open({}, { transport: new ShellTransport(["sh"], watch) });
    await apply(without(from), having(to));
    const seen = new Set(readFileSync(join(on.control, "seen"), "utf8").trim().split("\n"));
    const right = [pemOf(from, from, MOVING), pemOf(to, to, MOVING)].map((each) => `${sha256(each)}  -`);
    expect([...seen].sort()).toEqual(right.sort());
  });

  it("GIVEN the old resource is deleted in a later batch THEN both succeed, and the name is served", async () => {
    const results = await inTurn(having(to), withoutCertificate(from, { aliases: [MOVING] }));
    expect(told(results)).toEqual([FINE, FINE]);
    expect([on.loaded(from), on.loaded(MOVING)]).toEqual([undefined, pemOf(to, to, MOVING)]);
    expect(on.has(pathsOf(MOVING).filed)).toBe(true);
  });
});

describe("a name that another resource still has", () => {
  beforeEach(async () => {
    expect(told(await apply(having(EARLY, create), without(LATE, create)))).toEqual([FINE, FINE]);
    asked.length = 0;
  });

  it("THEN it keeps the old certificate, and the handshake is made for another name", async () => {
    expect(told(await apply(having(LATE)))).toEqual([STILL_ELSEWHERE]);
    expect([on.loaded(MOVING), on.loaded(LATE)]).toEqual([
      pemOf(EARLY, EARLY, MOVING),
      pemOf(LATE, LATE, MOVING),
    ]);
    expect(asked).toEqual([LATE]);
  });

  it("THEN the warning has file and line of its block", async () => {
    const [result] = await apply(having(LATE));
    expect(result?.warnings[0]?.detail).toContain(`${pathsOf(EARLY).snippet}:1 belongs to another resource`);
  });

  it("WHEN that one gives it up in a later batch THEN a handshake is made for the name", async () => {
    await inTurn(having(LATE), without(EARLY));
    expect(asked).toEqual([LATE, EARLY, MOVING]);
  });

  it("GIVEN the server presents another certificate even then THEN that is a warning, and both changes stay", async () => {
    await server.stop();
    const old = pemOf(EARLY, EARLY, MOVING);
    server = await startTlsServer((name = "none") => (name === MOVING ? old : (on.loaded(name) ?? old)));
    host = open();
    const results = told(await inTurn(having(LATE), without(EARLY)));
    const warning = `served does not serve the new certificate for ${MOVING}`;
    expect(results).toEqual([FINE, { ...FINE, warnings: [warning] }]);
    expect([on.loaded(EARLY), on.loaded(MOVING)]).toEqual([pemOf(EARLY, EARLY), pemOf(LATE, LATE, MOVING)]);
  });

  it("GIVEN it is the only name THEN the change succeeds without a handshake", async () => {
    const only = {
      ...certificate(LATE, pemOf(LATE, MOVING), { kind: "update" }),
      names: [MOVING],
      files: having(LATE).files.map((file) =>
        file.secret
          ? { ...file, contents: pemOf(LATE, MOVING) }
          : { ...file, contents: file.contents.replace(`${LATE} `, "") },
      ),
    } satisfies Change;
    expect(told(await apply(only))).toEqual([STILL_ELSEWHERE]);
    expect(asked).toEqual([]);
    expect(told(await apply(without(EARLY)))).toEqual([FINE]);
    expect(asked).toEqual([EARLY, MOVING]);
  });

  it("GIVEN the change of that one fails THEN the new resource keeps its files, and the next apply ends the move", async () => {
    const broken = certificate(EARLY, pemOf(EARLY, EARLY), { kind: "update", configuration: "broken\n" });
    const results = told(await inTurn(having(LATE), broken));
    expect(results).toEqual([STILL_ELSEWHERE, { ...FINE, errors: ["served refuses the configuration"] }]);
    expect(on.loaded(MOVING)).toBe(pemOf(EARLY, EARLY, MOVING));
    host = open();
    expect(told(await apply(having(LATE, { asksServices: true }), without(EARLY)))).toEqual([FINE, FINE]);
    expect(on.loaded(MOVING)).toBe(pemOf(LATE, LATE, MOVING));
  });

  it("GIVEN both fail and succeed in one batch THEN the one that succeeds is not undone", async () => {
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/conf.d/00-foreign.conf", `serve ${EARLY} /etc/foreign.pem\n`);
    const results = told(await apply(without(EARLY), having(LATE)));
    expect(results).toEqual([
      { ...FINE, errors: [`${EARLY} is overridden by another block in served's configuration`] },
      STILL_ELSEWHERE,
    ]);
    expect(on.loaded(LATE)).toBe(pemOf(LATE, LATE, MOVING));
  });

  it("GIVEN a third change of the batch is at fault, so that halves are tried, THEN it alone fails", async () => {
    on.tell("chokes-on", "c.test");
    const results = told(await apply(having(LATE), certificate("c.test", "x"), without(EARLY)));
    expect(results).toEqual([FINE, { ...FINE, errors: ["served failed to load the new files"] }, FINE]);
    expect(on.loaded(MOVING)).toBe(pemOf(LATE, LATE, MOVING));
  });

  it("GIVEN the new resource is undone because of another service THEN nothing waits for the name", async () => {
    const late = { ...withoutCommands("late"), build: ["false"] };
    host = open({}, { services: [late] });
    const fresh = certificate("z2.test", "x", { aliases: [MOVING] });
    const [result] = told(
      await apply({
        ...fresh,
        links: [],
        files: [...fresh.files, text("/etc/late.d/x", "x", { service: "late" })],
      }),
    );
    expect(result).toMatchObject({ errors: ["The tables of late cannot be built"], pending: null });
    expect(on.loaded("z2.test")).toBeUndefined();
  });

  it("GIVEN a canary, which is asked for every name, THEN it is not asked for that one until it has arrived", async () => {
    host = open({}, { canary: true });
    expect(told(await apply(having(LATE)))).toEqual([STILL_ELSEWHERE]);
    expect(new Set(asked)).toEqual(new Set([LATE]));
    expect(told(await apply(without(EARLY)))).toEqual([FINE]);
    expect(new Set(asked)).toEqual(new Set([LATE, EARLY, MOVING]));
  });

  it("GIVEN the process was killed in between THEN the change of that one ends the move in the next run", async () => {
    await apply(having(LATE));
    host = open();
    expect(told(await apply(without(EARLY)))).toEqual([FINE]);
    expect(told(await apply(having(LATE, { asksServices: true })))).toEqual([FINE]);
    expect(on.loaded(MOVING)).toBe(pemOf(LATE, LATE, MOVING));
  });

  it("GIVEN nothing of it changes any more WHEN it is applied again THEN it is pending again, without an activation", async () => {
    await apply(having(LATE));
    on.calls();
    host = open();
    expect(told(await apply(having(LATE, { asksServices: true })))).toEqual([STILL_ELSEWHERE]);
    expect(on.calls()).not.toContain("activate");
  });
});

describe("a name that something else has", () => {
  const STATE = "00000000000000aa";

  it.each([
    ["another stack", { stack: "other" }],
    ["another state of the same stack", { state: "00000000000000bb" }],
    ["a resource whose state is not known", { state: null }],
  ])("GIVEN it is in a block of %s THEN the change fails, and is undone", async (_, owner) => {
    const snippetOnly = (each: Change): Change => ({ ...each, links: [] });
    await apply(snippetOnly(having(EARLY, { ...create, state: STATE, ...owner })));
    await apply(without(LATE, { ...create, state: STATE }));
    expect(told(await apply(snippetOnly(having(LATE, { state: STATE }))))).toEqual([OVERRIDDEN]);
    expect(on.loaded(LATE)).toBe(pemOf(LATE, LATE));
  });

  it("GIVEN an administrator's block that presents the other resource's certificate THEN the change fails with its place", async () => {
    await apply(without(EARLY, create), without(LATE, create));
    on.write("/etc/served/conf.d/00-own.conf", `serve ${MOVING} ${pathsOf(EARLY).served}\n`);
    const [result] = await apply(having(LATE));
    expect(told(result ? [result] : [])).toEqual([OVERRIDDEN]);
    expect(result?.errors[0]?.detail).toContain("(/etc/served/conf.d/00-own.conf:1)");
  });

  it("GIVEN a service that does not say which files it includes THEN the change fails", async () => {
    host = open({ config: on.settings.services.get("served")?.config });
    await apply(having(EARLY, create), without(LATE, create));
    expect(told(await apply(having(LATE)))).toEqual([OVERRIDDEN]);
  });
});
