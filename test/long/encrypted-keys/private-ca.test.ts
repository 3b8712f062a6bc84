import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { Workspace } from "../../support/workspace";

// Each test runs a real engine several times.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FIRST = "first+passphrase/of the test";
const SECOND = "second+passphrase/of the test";
const CA = "mailsni_private_ca.ca";
const ISSUED = "mailsni_private_certificate.a";

describeIf(engineUnderTest, "keys of a private CA that are encrypted in the state", () => {
  let workspace: Workspace;
  let server: StandInServer;
  /** All that was printed or logged. */
  let printed = "";
  /** Parts of keys that were in use, none of which may be anywhere but on the host. */
  const secrets = new Set<string>();

  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    server = new StandInServer(workspace.directory);
    server.on("check", `env >>"${workspace.path("environment")}"`);
    declare();
  });
  afterAll(() => workspace.close());

  function declare(names: readonly string[] = ["a.test"]): void {
    const pem = ["private_key_pem", "certificate_pem", "chain_pem"]
      .map((name) => `\${${ISSUED}.${name}}`)
      .join("");
    workspace.declare({
      hosts: { mx1: server.host },
      resources: {
        [CA]: {},
        [ISSUED]: {
          ca_certificate_pem: `\${${CA}.certificate_pem}`,
          ca_private_key_pem: `\${${CA}.private_key_pem}`,
          names,
        },
        "mailsni_host_files.a": { ...domainFiles("a.test", pem), names },
      },
    });
  }

  const environment = (current?: string, former?: string) => ({
    TF_LOG: "trace",
    ...(current !== undefined && { MAIL_SNI_KEY_PASSPHRASE: current }),
    ...(former !== undefined && { MAIL_SNI_KEY_PASSPHRASE_OLD: former }),
  });
  const heard = (report: EngineReport) => {
    printed += report.output;
    return report;
  };
  const apply = async (...passphrases: (string | undefined)[]) =>
    heard(await workspace.apply({ env: environment(...passphrases) }));
  const plan = async (...passphrases: (string | undefined)[]) =>
    heard(await workspace.plan({ env: environment(...passphrases) }));

  const pemOnHost = () => server.read(domainPaths("a.test").certificate);
  const keyOf = (address: string) => String(workspace.state[address]?.private_key_pem);
  const isEncrypted = (address: string) => keyOf(address).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  /** Keeps in mind what the keys are by now. */
  function noteKeys(passphrase: string): void {
    const passphrases = new KeyPassphrases(passphrase);
    const keys = [CA, ISSUED].map((address) => passphrases.open(keyOf(address)));
    for (const part of keys.flatMap(distinctive)) secrets.add(part);
    expect(distinctive(pemOnHost()).every((part) => secrets.has(part))).toBe(true);
  }
  /** All files of the workspace that hold one of these, but for those of the host. */
  function holders(texts: Iterable<string>): string[] {
    const needles = [...texts];
    return filesBelow(workspace.directory)
      .filter((file) => !file.startsWith(server.root) && !file.includes("terraform.d"))
      .filter((file) => {
        const content = readFileSync(file, "latin1");
        return needles.some((needle) => content.includes(needle));
      })
      .map((file) => relative(workspace.directory, file));
  }
  const everything = () => ({
    state: workspace.state,
    host: pemOnHost(),
    served: server.served,
  });

  it("GIVEN a passphrase from the first apply on THEN no file has a key but the host's, and nothing is left to do", async () => {
    expect((await apply(FIRST)).exitCode).toBe(0);
    expect([CA, ISSUED].map(isEncrypted)).toEqual([true, true]);
    expect(pemOnHost()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    noteKeys(FIRST);
    const saved = heard(await workspace.plan({ env: environment(FIRST) }));
    expect(saved.exitCode).toBe(0);
    printed += (await workspace.run(["plan", "-out=saved.tfplan"], { env: environment(FIRST) })).output;
    printed += (await workspace.run(["show", "-json", "saved.tfplan"])).output;
    expect(holders(secrets)).toEqual([]);
  });

  it("GIVEN no passphrase THEN the plan is empty all the same, and without a warning", async () => {
    const report = await plan();
    expect(report.exitCode).toBe(0);
    expect(report.messages).toEqual([]);
  });

  it("GIVEN no passphrase, or a wrong one, WHEN a name is added THEN an error says so, and all stays as it is", async () => {
    const before = everything();
    declare(["a.test", "mail.a.test"]);
    expect((await plan()).exitCode).toBe(2);
    const without = await apply();
    expect(without.errorsOf(ISSUED).join()).toMatch(
      /A private key cannot be decrypted.*no passphrase is set.*\[KEY_ENCRYPTED\]/,
    );
    const wrong = await apply("a wrong passphrase");
    expect(wrong.errorsOf(CA).join()).toContain("[KEY_PASSPHRASE_WRONG]");
    expect((await apply("too short")).errors.join()).toContain("Not a valid key passphrase");
    declare();
    expect((await plan(FIRST)).exitCode).toBe(0);
    expect(everything()).toEqual(before);
  });

  it("WHEN the passphrase is changed THEN the keys in the state are re-encrypted, and the host does not change", async () => {
    const before = everything();
    server.forgetJournal();
    const { TF_LOG: _, ...quietly } = environment(SECOND, FIRST);
    const planned = heard(await workspace.plan({ env: quietly }));
    const values = planned.changed("~").filter((line) => / = (?!\(write-only attribute\))/.test(line));
    expect(values).toEqual([CA, ISSUED].map(() => expect.stringMatching(/^private_key_pem +=/)));
    const report = await apply(SECOND, FIRST);
    expect(report.exitCode).toBe(0);
    expect(report.changes).toEqual({ [CA]: "update", [ISSUED]: "update" });
    expect(server.journal.filter((command) => !command.startsWith("running"))).toEqual([]);
    const { host, served } = everything();
    expect({ host, served }).toEqual({ host: before.host, served: before.served });
    noteKeys(SECOND);
    for (const passphrases of [[SECOND, FIRST], [SECOND], []]) {
      expect((await plan(...passphrases)).exitCode).toBe(0);
    }
    expect((await plan(FIRST)).errorsOf(CA).join()).toContain("[KEY_PASSPHRASE_WRONG]");
    expect(holders(secrets)).toEqual([]);
  });

  it("WHEN a certificate is reissued THEN its new key is encrypted in the state, and decrypted for the host", async () => {
    declare(["a.test", "mail.a.test"]);
    expect((await apply(SECOND)).changes).toEqual({ [ISSUED]: "update", "mailsni_host_files.a": "update" });
    noteKeys(SECOND);
    expect((await plan()).exitCode).toBe(0);
    expect(holders(secrets)).toEqual([]);
  });

  it("WHEN the passphrase is lost THEN every resource with a key can be recreated under another one", async () => {
    expect((await plan(FIRST)).errorsOf(CA)).toHaveLength(1);
    printed += (await workspace.run(["state", "rm", CA, ISSUED])).output;
    const report = await apply(FIRST);
    expect(report.changes).toEqual({ [CA]: "create", [ISSUED]: "create", "mailsni_host_files.a": "update" });
    expect(report.exitCode).toBe(0);
    noteKeys(FIRST);
    expect((await plan(FIRST)).exitCode).toBe(0);
  });

  it("WHEN it is given as the former one alone THEN keys are as they are again, and nothing else changes", async () => {
    const { host } = everything();
    const report = await apply(undefined, FIRST);
    expect(report.changes).toEqual({ [CA]: "update", [ISSUED]: "update" });
    expect([CA, ISSUED].map(isEncrypted)).toEqual([false, false]);
    expect((await plan()).exitCode).toBe(0);
    expect(pemOnHost()).toBe(host);
  });

  it("WHEN keys are encrypted for the first time THEN the state has none any more, and its backup after one more change", async () => {
    const { host } = everything();
    expect((await apply(SECOND)).changes).toEqual({ [CA]: "update", [ISSUED]: "update" });
    expect(pemOnHost()).toBe(host);
    noteKeys(SECOND);
    expect(holders(secrets)).toEqual(["terraform.tfstate.backup"]);
    for (const passphrases of [[SECOND], []]) expect((await plan(...passphrases)).exitCode).toBe(0);
    declare();
    expect((await apply(SECOND)).exitCode).toBe(0);
    noteKeys(SECOND);
    expect(holders(secrets)).toEqual([]);
  });

  it("THEN neither keys nor passphrases were printed, logged, kept, or handed on to what the provider runs", () => {
    const passphrases = [FIRST, SECOND].flatMap((text) => [
      text,
      JSON.stringify(text),
      encodeURIComponent(text),
    ]);
    expect(printed.length).toBeGreaterThan(500_000);
    expect([...secrets, ...passphrases].filter((secret) => printed.includes(secret))).toEqual([]);
    expect(readFileSync(workspace.path("environment"), "utf8")).toContain("PATH=");
    expect(holders([...passphrases, "MAIL_SNI_KEY_PASSPHRASE"])).toEqual([]);
    writeFileSync(workspace.path("proof"), FIRST);
    expect(holders(passphrases)).toEqual(["proof"]);
  });
});

/** Parts of a PKCS #8 key on P-256 that occur nowhere else: before them is its kind, behind them the public key. */
function distinctive(pem: string): string[] {
  const [, first = "", second = ""] = /-----BEGIN PRIVATE KEY-----\n(.+)\n(.+)\n/.exec(pem) ?? [];
  return [first.slice(48), second.slice(0, 16)];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
