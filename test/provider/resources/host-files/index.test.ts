import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Host } from "../../../../lib/provider/host/host";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import type { Outcome, PrivateState } from "../../../../lib/provider/protocol/resource";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { hostFiles as resourceWith } from "../../../../lib/provider/resources/host-files";
import type { HostFiles, HostFilesAttributes } from "../../../../lib/provider/resources/host-files/schema";
import { sha256 } from "../../../../lib/shared/sha256";
import { HostUnreachable } from "../../../../lib/shared/transport/unreachable";
import { combinedPem, issue } from "../../../support/certificates";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { TestHost } from "../../host/support/test-host";
import { file, hostFiles } from "./support";

type State = Outcome<HostFilesAttributes> | null;

const resource = resourceWith(new KeyPassphrases());

let pem: string;
let otherPem: string;
let expired: string;
beforeAll(async () => {
  const names = { subject: "CN=a.test", dnsNames: ["a.test"] };
  pem = combinedPem(await issue(names));
  otherPem = combinedPem(await issue(names));
  const longAgo = { notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") };
  expired = combinedPem(await issue({ ...names, ...longAgo }));
});

let on: TestHost;
let hosts: Hosts;
const opened: Hosts[] = [];
beforeEach(() => {
  on = new TestHost();
  hosts = declare(["mx1", on.settings]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await on.remove();
});

/** The provider as it is configured for each command of an engine. */
function declare(...settings: [string, HostSettings | null][]): Hosts {
  const configured = new Hosts("stack", new Map(settings));
  opened.push(configured);
  return configured;
}

const context = () => ({
  provider: hosts,
  diagnostics: new Diagnostics(),
  signal: new AbortController().signal,
});

const said = ({ all }: Diagnostics) =>
  all.map(({ severity, summary, path }) => `${severity}: ${summary}${path ? ` @${path.join(".")}` : ""}`);

async function plan(config: HostFiles, prior: State = null) {
  const planned = structuredClone({
    ...config,
    secrets: null,
    id: prior?.state.id ?? null,
    pending: prior?.state.pending ?? null,
  });
  const replaced: string[] = [];
  const request = {
    ...context(),
    config,
    prior: prior?.state ?? null,
    private: prior?.private ?? null,
    planned,
    requireReplacement: (path: readonly (string | number)[]) => replaced.push(path.join(".")),
  };
  await resource.plan?.(request as never);
  return { planned, replaced, messages: said(request.diagnostics) };
}

async function apply(config: HostFiles, prior: State = null) {
  const { planned } = await plan(config, prior);
  const request = { ...context(), config, planned: planned as never };
  const outcome = prior
    ? await resource.update({ ...request, prior: prior.state, private: prior.private ?? null })
    : await resource.create(request);
  // As the protocol's server does it.
  const kept = outcome && { ...outcome, state: { ...outcome.state, secrets: null } };
  return { outcome: kept, messages: said(request.diagnostics) };
}

async function read(prior: NonNullable<State>) {
  const request = { ...context(), prior: prior.state, private: prior.private ?? null };
  return { outcome: await resource.read(request), messages: said(request.diagnostics) };
}

async function destroy(state: HostFiles, kept: PrivateState) {
  const request = { ...context(), prior: state, private: kept };
  await resource.delete(request);
  return said(request.diagnostics);
}

async function created(config: HostFiles): Promise<NonNullable<State>> {
  const { outcome, messages } = await apply(config);
  expect(messages).toEqual([]);
  if (!outcome) throw new Error("nothing was created");
  return outcome;
}

const eachBlock = (text: string, encode: (block: string) => string) =>
  text.replace(/-----BEGIN [\s\S]*?-----END .*\n/g, (block) => `${encode(block)}\n`);

const PEM = "/etc/served/pem/a.test.pem";
const SNIPPET = "/etc/served/conf.d/a.test.conf";
const config = (
  contents = pem,
  snippet = `serve a.test ${PEM}\n`,
  parts: Partial<HostFiles> = {},
): HostFiles =>
  hostFiles({
    id: null,
    names: ["a.test"],
    files: {
      [PEM]: file({ service: "served" }),
      [SNIPPET]: file({ service: "served", text: snippet }),
    },
    secrets: { [PEM]: contents },
    ...parts,
  });

describe("what is missing on the host", () => {
  it("WHEN read THEN it stays in the state and is named; WHEN applied THEN it is back, and nothing is missing", async () => {
    const state = await created(config());
    rmSync(on.at(SNIPPET));
    const { outcome, messages } = await read(state);
    if (!outcome) throw new Error("it is gone");
    expect([outcome.state, messages]).toEqual([{ ...state.state, missing: [SNIPPET] }, []]);
    const { planned } = await plan(config(), outcome);
    expect(planned).toEqual({ ...state.state, missing: null, pending: UNKNOWN });
    expect((await apply(config(), outcome)).outcome?.state).toEqual(state.state);
    expect(on.has(SNIPPET)).toBe(true);
  });

  it("WHEN it is no longer declared THEN an apply only forgets it", async () => {
    const state = await created(config());
    rmSync(on.at(SNIPPET));
    const { outcome } = await read(state);
    const without = config(pem, "", { files: { [PEM]: file({ service: "served" }) } });
    const applied = await apply(without, outcome);
    expect(applied.messages).toEqual([]);
    expect(applied.outcome?.state).toMatchObject({ missing: null, pending: null });
    expect(on.has(SNIPPET)).toBe(false);
    expect([...on.ledger().pathsOf(String(state.state.id))]).toEqual([PEM]);
  });

  it("WHEN the resource is destroyed THEN nothing is left of it, nor in the ledger", async () => {
    const state = await created(config());
    rmSync(on.at(PEM));
    const { outcome } = await read(state);
    expect(await destroy(outcome?.state as HostFiles, outcome?.private ?? null)).toEqual([]);
    expect([on.has(PEM), on.has(SNIPPET)]).toEqual([false, false]);
    expect(on.ledger().pathsOf(String(state.state.id)).size).toBe(0);
  });
});

describe("plan", () => {
  it("GIVEN a create THEN hashes and modes are known, and what only the host knows is not", async () => {
    const { planned, messages } = await plan(config());
    expect(messages).toEqual([]);
    expect(planned).toMatchObject({
      id: UNKNOWN,
      pending: UNKNOWN,
      files: { [PEM]: { sha256: sha256(pem), mode: "0600" }, [SNIPPET]: { mode: "0644" } },
    });
  });

  it("GIVEN contents that are known after apply THEN so is the hash", async () => {
    const unknown = { ...config(), secrets: UNKNOWN as never };
    expect((await plan(unknown)).planned.files?.[PEM]?.sha256).toBe(UNKNOWN);
  });

  it("GIVEN nothing changed THEN the plan is the state; GIVEN something is pending THEN it is not", async () => {
    const state = await created(config());
    expect((await plan(config(), state)).planned).toEqual(state.state);
    const pending = { ...state, state: { ...state.state, pending: "an activation" } };
    expect((await plan(config(), pending)).planned.pending).toBe(UNKNOWN);
  });

  it("GIVEN a PEM that cannot be used THEN the plan warns of it where it stands, unless it is there already", async () => {
    expect((await plan(config("garbage"))).messages).toEqual([
      expect.stringMatching(/^warning: The PEM for .* cannot be used @secrets\..*a\.test\.pem$/),
    ]);
    expect((await plan({ ...config(), names: ["b.test"] })).messages).toHaveLength(1);
    const state = await created(config());
    const file = state.state.files?.[PEM];
    if (file === undefined) throw new Error("no such file");
    const files = { ...state.state.files, [PEM]: { ...file, sha256: sha256(expired) } };
    const installed = { ...state, state: { ...state.state, files } };
    expect((await plan(config(expired), installed)).messages).toEqual([]);
    expect((await plan(config(expired), state)).messages).toHaveLength(1);
  });

  it("GIVEN one such PEM at two paths THEN it is complained of once, with both", async () => {
    const once = config("garbage");
    const other = PEM.replace("a.test", "other");
    const file = once.files?.[PEM];
    if (file === undefined) throw new Error("no such file");
    const files = { ...once.files, [other]: file };
    const twice = { ...once, files, secrets: { ...once.secrets, [other]: "garbage" } };
    expect((await plan(twice)).messages).toEqual([
      expect.stringContaining(`The PEM for ${PEM} and ${other} on host`),
    ]);
  });

  it("GIVEN another host THEN it is replaced; GIVEN the same one under another name THEN not", async () => {
    const state = await created(config());
    hosts = declare(
      ["renamed", on.settings],
      ["other", { ...on.settings, root: "/elsewhere" }],
      ["later", null],
    );
    const replaced = async (host: string) => (await plan(config(pem, undefined, { host }), state)).replaced;
    expect([
      await replaced("renamed"),
      await replaced("other"),
      await replaced("later"),
      await replaced("unknown"),
    ]).toEqual([[], ["host"], ["host"], ["host"]]);
  });
});

describe("create", () => {
  it("THEN the state has a new token each, no secret, and where the host was reached", async () => {
    const state = await created(config());
    expect(state.state.id).toMatch(/^[0-9a-f]{16}$/);
    expect(on.ledger().owner(PEM)).toEqual({ stack: "stack", token: state.state.id });
    expect(state.private).toEqual({
      connection: expect.objectContaining({ root: on.root, stateDirectory: "/var/lib/mail-sni" }),
      pems: expect.anything(),
      inspected: [expect.any(Number), expect.any(Number), expect.any(Number)],
      leaves: expect.anything(),
    });
    expect(JSON.stringify(state)).not.toContain(pem.split("\n")[1]);
    expect(on.loaded("a.test")).toBe(pem);
  });

  it("GIVEN it fails THEN there is no state, and the message is at the file that it is about", async () => {
    on.write(`${PEM}/in/the/way`, "");
    const { outcome, messages } = await apply(config());
    expect(outcome).toBeNull();
    expect(messages).toEqual([`error: ${PEM} cannot be written @files.${PEM}`]);
  });

  it.each([
    ["leaf, key", (text: string) => text.replace(/^([\s\S]*KEY-----\n)([\s\S]*)$/, "$2$1")],
    [
      "base64 of each part, one below the other",
      (text: string) => eachBlock(text, (block) => Buffer.from(block).toString("base64")),
    ],
    ["escaped line breaks", (text: string) => eachBlock(text, JSON.stringify)],
    ["CRLF and a byte order mark", (text: string) => `\ufeff${text.replaceAll("\n", "\r\n")}`],
  ])(
    "GIVEN %s THEN the host has key and leaf as servers read them, and the next plan is empty",
    async (_, given) => {
      expect(given(pem)).not.toBe(pem);
      const state = await created(config(given(pem)));
      expect(on.loaded("a.test")).toBe(pem);
      const { planned } = await plan(config(given(pem)), state);
      expect(planned.files?.[PEM]).toMatchObject({ sha256: sha256(pem) });
    },
  );

  it("GIVEN a PEM that became known only now, and is no good, THEN nothing is touched", async () => {
    const { outcome, messages } = await apply(config("garbage"));
    expect([outcome, messages.length, on.has(PEM)]).toEqual([null, 1, false]);
  });

  it("GIVEN a host that is not declared, or not known yet, THEN the message says which", async () => {
    hosts = declare(["later", null]);
    for (const host of ["mx1", "later"]) {
      expect((await apply(config(pem, undefined, { host }))).messages).toEqual([
        `error: Host "${host}" is not known @host`,
      ]);
    }
  });
});

describe("update", () => {
  it("GIVEN it fails THEN the state is what is there now, with what was to go and could not", async () => {
    const extra = "/etc/served/conf.d/extra.conf";
    const before = config(pem, undefined, {});
    const state = await created({
      ...before,
      files: { ...before.files, [extra]: file({ service: "served", text: `serve extra.test ${PEM}\n` }) },
    });
    const { outcome, messages } = await apply(config(otherPem, "broken\n"), state);
    expect(messages).toEqual(["error: served refuses the configuration"]);
    expect(Object.keys(outcome?.state.files ?? {}).sort()).toEqual([SNIPPET, extra, PEM].sort());
    expect(outcome?.state.files).toMatchObject({
      [PEM]: { sha256: sha256(pem) },
      [SNIPPET]: { text: `serve a.test ${PEM}\n` },
    });
    // What is left of it is removed by the next update.
    if (!outcome) throw new Error("no state");
    const { messages: none } = await apply(config(otherPem), outcome);
    expect([none, on.has(extra), on.loaded("a.test")]).toEqual([[], false, otherPem]);
  });

  it("GIVEN drift THEN it is healed, and the next plan is empty", async () => {
    const state = await created(config());
    on.write(SNIPPET, "edited\n");
    const { outcome: drifted } = await read(state);
    expect(drifted?.state.files?.[SNIPPET]?.text).toBe("edited\n");
    const { outcome: healed } = await apply(config(), drifted);
    expect(on.read(SNIPPET)).toBe(`serve a.test ${PEM}\n`);
    expect((await plan(config(), healed)).planned).toEqual(healed?.state);
  });
});

describe("read", () => {
  it("GIVEN nothing changed THEN the state is the same", async () => {
    const state = await created(config());
    expect(await read(state)).toEqual({ outcome: state, messages: [] });
  });

  it("GIVEN the host cannot be checked THEN that is an error, and the object is not gone", async () => {
    const state = await created(config());
    on.write("/var/lib/mail-sni/ledger", "mail-sni-ledger\t9\t.\n");
    hosts = declare(["mx1", on.settings]);
    const { outcome, messages } = await read(state);
    expect([outcome, messages]).toEqual([null, ['error: Host "mx1" cannot be checked']]);
  });
});

describe("the state that a resource is in", () => {
  const [ONE, TWO] = ["1".repeat(16), "2".repeat(16)] as const;
  const inState = (state: string, contents = pem) => config(contents, undefined, { state_id: state });
  const standing = (state: string) => on.ledger().state(state)?.standing;

  it("GIVEN a create THEN the host knows it as begun; WHEN a saved state asks THEN as kept", async () => {
    const state = await created(inState(ONE));
    expect(standing(ONE)).toBe("begun");
    hosts = declare(["mx1", on.settings]);
    expect((await read(state)).outcome?.state).toEqual(state.state);
    expect(standing(ONE)).toBe("kept");
  });

  it("GIVEN another one that was saved THEN a create, and an update that would take a path, are refused at the path", async () => {
    await read(await created(inState(ONE)));
    const before = on.tree();
    const refused = await apply(inState(TWO, otherPem));
    expect(refused.outcome).toBeNull();
    expect(refused.messages).toEqual([
      expect.stringMatching(/^error: .* belongs to another state of the stack @files/),
    ]);
    const elsewhere = hostFiles({
      id: null,
      state_id: TWO,
      files: { "/etc/served/note": file({ text: "x" }) },
    });
    const other = await created(elsewhere);
    const taking = { ...inState(TWO, otherPem), id: other.state.id };
    expect((await apply(taking, other)).messages).toEqual([
      expect.stringMatching(/belongs to another state of the stack @files/),
    ]);
    expect(Object.fromEntries(Object.entries(on.tree()).filter(([path]) => path in before))).toEqual(before);
  });

  it("GIVEN that one is lost WHEN it is taken over THEN this one has the files", async () => {
    await read(await created(inState(ONE)));
    hosts = new Hosts("stack", new Map([["mx1", on.settings]]), "fail", new Set([ONE]));
    opened.push(hosts);
    const state = await created(inState(TWO, otherPem));
    expect([on.read(PEM), standing(ONE)]).toEqual([otherPem, "lost"]);
    expect((await read(state)).outcome?.state.pending).toBeNull();
  });
});

describe("a host that is lost behind a change", () => {
  it("THEN the change is no failure: a create that is one would be deleted by the next apply", async () => {
    vi.spyOn(Host.prototype, "observe").mockRejectedValueOnce(new HostUnreachable("it has gone"));
    const lifecycle = new ResourceLifecycle(resource, hosts);
    const directory = { mode: null, owner: null, group: null };
    const base = { host: "mx1", role: "base", directories: { "/etc/base": directory } };
    const { state, diagnostics } = await lifecycle.apply(base);
    expect(diagnostics).toEqual([]);
    expect(state?.directories).toEqual({ "/etc/base": { ...directory, mode: "0755" } });
    expect((await lifecycle.read()).diagnostics).toEqual([]);
    expect((await lifecycle.plan(base)).action).toBe("no-op");
  });
});

describe("what is installed, for those who ask what is served", () => {
  const noted = (configured: Hosts, name = "mx1") => configured.find(name)?.installed.settled ?? [];
  const fingerprint = (text: string) =>
    new X509Certificate(text).fingerprint256.replaceAll(":", "").toLowerCase();
  const installed = (text: string) => [
    { isDefault: false, names: ["a.test"], leaves: { served: fingerprint(text) } },
  ];

  /** A lifecycle whose provider is configured again by `next`, as it is for each command of an engine. */
  async function deployed() {
    const values = { ...config() } as unknown as Values;
    const first = new ResourceLifecycle(resource, hosts);
    expect((await first.apply(values)).diagnostics).toEqual([]);
    const next = (name = "mx1") => {
      const configured = declare([name, { ...on.settings, name }]);
      const lifecycle = new ResourceLifecycle(resource, configured);
      Object.assign(lifecycle, { state: first.state, private: first.private });
      return { lifecycle, configured };
    };
    return { values, next };
  }

  it("GIVEN no change WHEN planned or read THEN it is noted, with the leaf that was installed", async () => {
    const { values, next } = await deployed();
    const [planned, read] = [next(), next()];

    expect((await planned.lifecycle.plan(values)).action).toBe("no-op");
    await read.lifecycle.read();
    expect([noted(planned.configured), noted(read.configured)]).toEqual([installed(pem), installed(pem)]);
  });

  it("GIVEN a certificate that the plan replaces, or does not know yet THEN it is left out", async () => {
    const { values, next } = await deployed();
    for (const secrets of [{ [PEM]: otherPem }, UNKNOWN]) {
      const { lifecycle, configured } = next();
      await lifecycle.read();
      expect((await lifecycle.plan({ ...values, secrets } as Values)).action).toBe("update");
      expect(noted(configured)).toEqual([]);
    }
  });

  it("GIVEN a file that has drifted THEN it is left out, AND without a refresh it is what was installed", async () => {
    const { values, next } = await deployed();
    on.write(PEM, otherPem);
    const [refreshed, kept] = [next(), next()];
    await refreshed.lifecycle.read();

    expect((await refreshed.lifecycle.plan(values)).action).toBe("update");
    expect((await kept.lifecycle.plan(values)).action).toBe("no-op");
    expect([noted(refreshed.configured), noted(kept.configured)]).toEqual([[], installed(pem)]);
  });

  it("GIVEN a host with another name THEN it is left out by a plan, which changes it, AND noted by a refresh alone", async () => {
    const { values, next } = await deployed();
    const { lifecycle, configured } = next("mx2");
    await lifecycle.read();
    expect(noted(configured, "mx2")).toEqual(installed(pem));

    expect((await lifecycle.plan({ ...values, host: "mx2" })).action).toBe("update");
    expect(noted(configured, "mx2")).toEqual([]);
  });
});

describe("delete", () => {
  it("THEN its files are gone, and so is everything that the ledger knew of it", async () => {
    const { state, private: kept = null } = await created(config());
    expect(await destroy(state, kept)).toEqual([]);
    expect([on.has("/etc/served/pem"), on.has(SNIPPET)]).toEqual([false, false]);
    expect([...on.ledger().pathsOf(state.id ?? "")]).toEqual([]);
    expect(await destroy(state, kept)).toEqual([]);
  });

  it("GIVEN its host is not declared any more THEN it is reached where it was; GIVEN that was lost THEN that is said", async () => {
    const { state, private: kept = null } = await created(config());
    hosts = declare();
    expect(await destroy(state, null)).toEqual(['error: Host "mx1" is not known @host']);
    expect(await destroy(state, kept)).toEqual([]);
    expect(on.has(PEM)).toBe(false);
  });
});
