import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ran } from "../../cli/support/ran";
import { runCommand } from "../../support/commands";
import { fileTree } from "../../support/file-tree";
import { Pebble } from "../../support/pebble";
import { dehydrated, describeIf, pebble as needsPebble, root } from "../../support/requirements";
import { pemWith } from "../../support/test-pem";

const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey;
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey;

/** The kind of each certificate's key; most have P-256. */
const KEYS: Readonly<Record<string, () => KeyObject>> = {
  "large.test": () => rsa(3072),
  "p256.test": () => curve("prime256v1"),
  "other.test": () => curve("prime256v1"),
  "p384.test": () => curve("secp384r1"),
  "small.test": () => rsa(2048),
  "p521.test": () => curve("secp521r1"),
};
const NAMES = Object.keys(KEYS);

describeIf([root, dehydrated, needsPebble], "a host that leaves with certificates whose keys differ", () => {
  let directory: string;
  let ca: Pebble;
  const at = (...names: string[]) => join(directory, ...names);
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-eject-"));
    // dehydrated 0.7.0 does not try again where a nonce is refused.
    ca = await Pebble.start({ badNonces: 0 });
    mkdirSync(at("served"));
    for (const name of NAMES) writeFileSync(at("served", name), await pemOf(name));
    declare();
  });
  afterAll(async () => {
    await ca?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const pemOf = (name: string) => pemWith({ dnsNames: [name], foreignKey: KEYS[name]?.() as KeyObject });
  const eject = (...more: string[]) =>
    ran([
      ...["eject", "mx1", "--project", at("project"), "--dehydrated", "--directory", at("etc")],
      ...["--work-directory", at("work"), "--cron-file", at("cron"), ...more],
    ]);
  const settings = (name: string) => readFileSync(at("etc/domains.d", name), "utf8");
  /** Has dehydrated renew all of them. */
  const renew = () => runCommand(["dehydrated", "-c", "--force", "--accept-terms", "-f", at("etc/config")]);
  const served = () =>
    Object.fromEntries(
      NAMES.map((name) => {
        const { publicKey, serialNumber } = new X509Certificate(certificateIn(at("served", name)));
        const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
        const key = publicKey.export({ type: "spki", format: "pem" });
        return [name, { kind: namedCurve ?? `RSA ${modulusLength}`, key, serialNumber }];
      }),
    );
  const kinds = () => Object.fromEntries(Object.entries(served()).map(([name, { kind }]) => [name, kind]));

  it("WHEN it is only printed THEN the report says which rows differ, and which key cannot stay what it is", async () => {
    const { exitCode, out, err } = await eject();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain(`${at("etc/domains.d")} has the kind of key of 4 rows, which is not that of most.`);
    expect(out).toContain("Renewed with another kind of key: p521.test has secp521r1");
    expect(readdirSync(directory).sort()).toEqual(["project", "served"]);
  });

  it("WHEN all are renewed THEN each key is of the kind that it was, whatever the others are", async () => {
    const before = served();
    expect((await eject("--yes")).exitCode).toBe(0);
    expect(readdirSync(at("etc/domains.d")).sort()).toEqual(
      ["large.test", "p384.test", "p521.test", "small.test"].sort(),
    );
    expect(statSync(at("etc/domains.d/small.test")).mode & 0o777).toBe(0o644);
    expect(await renew()).toMatchObject({ exitCode: 0 });
    const after = served();
    for (const name of NAMES) expect(after[name]?.serialNumber, name).not.toBe(before[name]?.serialNumber);
    expect(kinds()).toEqual({
      "large.test": "RSA 3072",
      "p256.test": "prime256v1",
      "other.test": "prime256v1",
      "p384.test": "secp384r1",
      "small.test": "RSA 2048",
      // The largest curve of which dehydrated 0.7.0 makes keys.
      "p521.test": "secp384r1",
    });
  });

  it("WHEN it is done again THEN nothing changes", async () => {
    const before = fileTree(directory);
    expect((await eject("--yes")).exitCode).toBe(0);
    expect(fileTree(directory)).toEqual(before);
  });

  it("GIVEN a key that was replaced by one of another kind since WHEN it is done again THEN that kind stays", async () => {
    writeFileSync(at("served/small.test"), await pemLike("small.test", "p256.test"));
    writeFileSync(at("served/other.test"), await pemLike("other.test", "large.test"));
    expect((await eject("--yes")).exitCode).toBe(0);
    // That of most is another one now, too.
    expect(readFileSync(at("etc/config"), "utf8")).toContain("KEY_ALGO=rsa\nKEYSIZE=3072\n");
    expect(await renew()).toMatchObject({ exitCode: 0 });
    expect(kinds()).toMatchObject({ "small.test": "prime256v1", "other.test": "RSA 3072" });
  });

  it("GIVEN settings that an administrator has written THEN they stay, and it is said what they lack, as long as they do", async () => {
    const own = "# our own\nRENEW_DAYS=20\n";
    writeFileSync(at("etc/domains.d/p384.test"), own);
    const { exitCode, out } = await eject("--yes");
    expect(exitCode).toBe(1);
    expect(out).toContain(`Not written: ${at("etc/domains.d/p384.test")} was not written by this command.`);
    expect(out).toContain("add these lines: KEY_ALGO=secp384r1.");
    expect(settings("p384.test")).toBe(own);
    writeFileSync(at("etc/domains.d/p384.test"), `${own}KEY_ALGO=secp384r1\n`);
    expect((await eject("--yes")).exitCode).toBe(0);
    expect(settings("p384.test")).toBe(`${own}KEY_ALGO=secp384r1\n`);
  });

  it("GIVEN a stack that reuses keys WHEN all are renewed THEN each key is the same, and what dehydrated does not ask for is said", async () => {
    declare({ reuse_key: true, profile: "shortlived" });
    const { exitCode, out } = await eject("--yes");
    expect(exitCode).toBe(0);
    expect(out).toContain("Renewals keep the keys, as reuseKey does in the stack");
    expect(out).toContain("Not asked for any more: the profile shortlived.");
    expect(out).not.toContain("with another kind of key");
    const before = served();
    expect(await renew()).toMatchObject({ exitCode: 0 });
    for (const [name, { key, serialNumber }] of Object.entries(served())) {
      expect(key, name).toBe(before[name]?.key);
      expect(serialNumber, name).not.toBe(before[name]?.serialNumber);
    }
  });

  /** A later certificate than dehydrated has, with a key as that of another one. */
  const pemLike = (name: string, other: string) =>
    pemWith({
      dnsNames: [name],
      foreignKey: KEYS[other]?.() as KeyObject,
      notBefore: new Date(Date.now() + 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
    });

  /** @param more of what the stack asks of its certificates */
  function declare(more: object = {}): void {
    const stack = at("project/cdktf.out/stacks/mail");
    mkdirSync(stack, { recursive: true });
    writeFileSync(at("project/cdktf.json"), "{}");
    const manifest = { stacks: { mail: { workingDirectory: "stacks/mail" } } };
    writeFileSync(at("project/cdktf.out/manifest.json"), JSON.stringify(manifest));
    const files = Object.fromEntries(NAMES.map((name) => [at("served", name), { mode: "0640" }]));
    const challenge = { webroot: ca.web.directory };
    const ofCa = { directory_url: ca.directoryUrl, directory_ca_pem: ca.directoryCaPem };
    const certificate = { ...ofCa, challenge, ...more };
    writeFileSync(
      join(stack, "cdk.tf.json"),
      JSON.stringify({
        provider: {
          mailsni: [{ stack: "mail", hosts: { mx1: { root: "/", state_directory: at("state") } } }],
        },
        resource: {
          mailsni_host_files: { d__mx1: { host: "mx1", files } },
          mailsni_acme_certificate: { c: certificate },
        },
      }),
    );
  }
});

function certificateIn(path: string): string {
  const [certificate = ""] =
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(readFileSync(path, "utf8")) ?? [];
  return certificate;
}
