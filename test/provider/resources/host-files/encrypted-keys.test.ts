import { createPrivateKey } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { hostFiles as resource } from "../../../../lib/provider/resources/host-files";
import { sha256 } from "../../../../lib/shared/sha256";
import { combinedPem, type IssuedCertificate, issue, rsaKeys } from "../../../support/certificates";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { TestHost } from "../../host/support/test-host";
import { file, hostFiles } from "./support";

const PASSPHRASE = "the passphrase of today";
const FORMER = "the passphrase of yesterday";
const WITH = new KeyPassphrases(PASSPHRASE);
const WITHOUT = new KeyPassphrases();
const PEM = "/etc/served/pem/a.test.pem";
const SNIPPET = "/etc/served/conf.d/a.test.conf";

let leaf: IssuedCertificate;
let renewed: IssuedCertificate;
beforeAll(async () => {
  const names = { subject: "CN=a.test", dnsNames: ["a.test"] };
  [leaf, renewed] = [await issue(names), await issue(names)];
});

let on: TestHost;
let hosts: Hosts;
beforeEach(() => {
  on = new TestHost({ applyOwnership: true });
  hosts = new Hosts("stack", new Map([["mx1", on.settings]]));
});
afterEach(async () => {
  await hosts.close();
  await on.remove();
});

/** As an `openssl` of a user would have encrypted it, with a random salt: another text each time. */
function encrypted({ keyPem, pem }: IssuedCertificate, passphrase = PASSPHRASE): string {
  const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase } as const;
  return `${createPrivateKey(keyPem).export(secret)}${pem}`;
}

const config = (pem: string, snippet = `serve a.test ${PEM}\n`): Values =>
  hostFiles({
    id: null,
    names: ["a.test"],
    files: {
      [PEM]: file({ service: "served" }),
      [SNIPPET]: file({ service: "served", text: snippet }),
    },
    secrets: { [PEM]: pem },
  }) as Values;

/** The same resource, in another run of the engine. */
function as(passphrases: KeyPassphrases, before?: ResourceLifecycle): ResourceLifecycle {
  const lifecycle = new ResourceLifecycle(resource(passphrases), hosts);
  lifecycle.state = before?.state ?? null;
  lifecycle.private = before?.private;
  return lifecycle;
}

async function installed(pem: string, passphrases = WITH): Promise<ResourceLifecycle> {
  const lifecycle = as(passphrases);
  expect((await lifecycle.apply(config(pem))).diagnostics).toEqual([]);
  return lifecycle;
}

const hashOf = ({ state }: Pick<ResourceLifecycle, "state">) =>
  (state as unknown as { files: Record<string, { sha256: string }> }).files[PEM]?.sha256;

/** `severity summary [CODE]` or `severity summary` */
const short = (diagnostics: readonly string[]) =>
  diagnostics.map((text) => text.replace(/^([^:]+): .*?(\[\w+\])?( An apply will .*)? @.*$/, "$1 $2").trim());
const UNUSABLE = `The PEM for ${PEM} on host "mx1" cannot be used`;
const REFUSED = `error ${UNUSABLE}`;
const FORESEEN = `warning ${UNUSABLE}`;

describe("a PEM with an encrypted key", () => {
  it("is on the host with its key opened, as if it had never been encrypted, and its hash is that of the file", async () => {
    const one = await installed(encrypted(leaf));
    expect(on.read(PEM)).toBe(combinedPem(leaf));
    expect(on.loaded("a.test")).toBe(combinedPem(leaf));
    expect(hashOf(one)).toBe(sha256(on.read(PEM)));
    const kept = `${JSON.stringify(one.state)}${Buffer.from(one.private ?? [])}`;
    for (const text of [leaf.keyPem, encrypted(leaf)]) expect(kept).not.toContain(text.split("\n")[1]);
  });

  it.each([
    ["encrypted again, with another salt", () => encrypted(leaf), WITH],
    ["encrypted again, and no passphrase", () => encrypted(leaf), WITHOUT],
    ["encrypted with another passphrase", () => encrypted(leaf, "another passphrase"), WITHOUT],
    ["no longer encrypted", () => combinedPem(leaf), WITHOUT],
  ])("GIVEN it is %s THEN nothing changes, and it need not be opened", async (_, pem, passphrases) => {
    const one = await installed(encrypted(leaf));
    on.calls();
    const later = as(passphrases, one);
    await later.read();
    expect(await later.plan(config(pem()))).toMatchObject({ action: "no-op", diagnostics: [] });
    expect(on.calls()).not.toContain("reload");
  });

  it("GIVEN it was there before it was encrypted THEN nothing changes either", async () => {
    const one = await installed(combinedPem(leaf), WITHOUT);
    for (const passphrases of [WITH, WITHOUT]) {
      const later = as(passphrases, one);
      await later.read();
      expect(await later.plan(config(encrypted(leaf)))).toMatchObject({ action: "no-op", diagnostics: [] });
    }
  });

  it("GIVEN its key has a form of its own THEN it is told by opening it", async () => {
    const keys = await rsaKeys();
    const rsa = await issue({ subject: "CN=a.test", dnsNames: ["a.test"], keys });
    const pkcs1 = createPrivateKey(rsa.keyPem).export({ type: "pkcs1", format: "pem" });
    const one = await installed(`${pkcs1}${rsa.pem}`, WITHOUT);
    const later = as(WITH, one);
    const plan = await later.plan(config(encrypted(rsa)));
    expect(plan.action).toBe("update");
    expect(hashOf({ state: plan.planned })).toBe(sha256(combinedPem(rsa)));
    await later.apply(config(encrypted(rsa)));
    expect(on.read(PEM)).toBe(combinedPem(rsa));
  });

  it("GIVEN a changed file THEN the plan shows drift, and the apply restores it", async () => {
    const one = await installed(encrypted(leaf));
    on.write(PEM, combinedPem(renewed));
    const later = as(WITH, one);
    await later.read();
    const pem = encrypted(leaf);
    expect(hashOf(later)).toBe(sha256(combinedPem(renewed)));
    const plan = await later.plan(config(pem));
    expect(plan.action).toBe("update");
    expect(hashOf({ state: plan.planned })).toBe(sha256(combinedPem(leaf)));
    expect((await later.apply(config(pem))).diagnostics).toEqual([]);
    expect(on.read(PEM)).toBe(combinedPem(leaf));
    await later.read();
    expect((await later.plan(config(pem))).action).toBe("no-op");
  });

  it("GIVEN a new certificate THEN it takes its place", async () => {
    const later = as(WITH, await installed(encrypted(leaf)));
    expect((await later.apply(config(encrypted(renewed)))).diagnostics).toEqual([]);
    expect(on.read(PEM)).toBe(combinedPem(renewed));
    expect(hashOf(later)).toBe(sha256(combinedPem(renewed)));
  });

  it("GIVEN it is still encrypted with the former passphrase THEN that opens it", async () => {
    await installed(encrypted(leaf, FORMER), new KeyPassphrases(PASSPHRASE, FORMER));
    expect(on.read(PEM)).toBe(combinedPem(leaf));
  });

  it("GIVEN no passphrase and something new THEN the plan says that it has not looked, and an apply refuses it", async () => {
    const first = as(WITHOUT);
    const plan = await first.plan(config(encrypted(leaf)));
    expect(short(plan.diagnostics)).toEqual([
      `warning The private key for ${PEM} on host "mx1" was not checked`,
    ]);
    expect(plan.unknown).toContain("files");
    const before = on.tree();
    expect(short((await first.apply(config(encrypted(leaf)))).diagnostics)).toEqual([
      `${REFUSED} [KEY_ENCRYPTED]`,
    ]);
    expect(first.state).toBeNull();
    expect(on.tree()).toEqual(before);

    const later = as(WITHOUT, await installed(encrypted(leaf)));
    const [state, tree] = [later.state, on.tree()];
    const change = config(encrypted(renewed), `serve a.test ${PEM}\n# another text\n`);
    expect(short((await later.apply(change)).diagnostics)).toEqual([`${REFUSED} [KEY_ENCRYPTED]`]);
    expect([later.state, on.tree()]).toEqual([state, tree]);
  });

  it("GIVEN no passphrase THEN the certificates are still checked", async () => {
    const other = await issue({ subject: "CN=b.test", dnsNames: ["b.test"] });
    const { diagnostics } = await as(WITHOUT).plan(config(encrypted(other)));
    expect(short(diagnostics)).toContain(`${FORESEEN} [CERTIFICATE_NAMES_MISSING]`);
  });

  it("GIVEN a wrong passphrase THEN the plan warns of it, without a byte of either", async () => {
    const { diagnostics } = await as(new KeyPassphrases("another passphrase")).plan(config(encrypted(leaf)));
    expect(short(diagnostics)).toEqual([`${FORESEEN} [KEY_PASSPHRASE_WRONG]`]);
    expect(diagnostics.join()).not.toContain("another passphrase");
  });

  it("GIVEN the key of another certificate THEN the plan warns of it once it is opened", async () => {
    const mixed = encrypted({ ...leaf, pem: renewed.pem });
    expect(short((await as(WITH).plan(config(mixed))).diagnostics)).toEqual([`${FORESEEN} [KEY_MISMATCH]`]);
  });
});
