import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import type { Resource } from "../../../lib/provider/protocol/resource";
import { ResourceServer } from "../../../lib/provider/protocol/resource-server";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { hostFiles } from "../../../lib/provider/resources/host-files";
import { stateIdentity } from "../../../lib/provider/resources/state-identity";
import { generateKey, privateKeyPem } from "../../../lib/provider/x509/key-algorithm";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

// biome-ignore lint/suspicious/noExplicitAny: resources of any attributes
type AnyResource = Resource<any, any>;

const CA = "https://127.0.0.1:1/dir";
const ACME = "registry.terraform.io/vancluever/acme";

let directory: string;
let key: string;
let hosts: Hosts;
let directories: AcmeDirectories;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "imported-"));
  key = privateKeyPem(await generateKey("ECDSA-P256"));
  mkdirSync(join(directory, "host"));
  const mx1 = {
    name: "mx1",
    root: join(directory, "host"),
    stateDirectory: "/state",
    applyOwnership: false,
    services: new Map(),
  };
  hosts = new Hosts("mail", new Map([["mx1", mx1]]));
  directories = new AcmeDirectories(acmeTimeouts());
});
afterAll(async () => {
  await hosts.close();
  directories.close();
  rmSync(directory, { recursive: true });
});

const passphrases = new KeyPassphrases();
const account = () => acmeAccount(directories, passphrases);
const certificate = () => acmeCertificate(directories, passphrases);

/** What is said, in one text; an id is either refused with it, or imported. */
async function saidOfImport(resource: AnyResource, id: string): Promise<string> {
  const diagnostics = new Diagnostics();
  const context = { provider: hosts, diagnostics, signal: new AbortController().signal };
  const request = { type_name: "one", id };
  const answer = await new ResourceServer("one", resource).import(request, context).catch((error: Error) => {
    diagnostics.error("Importing failed" as never, error.message);
    return {};
  });
  if (!diagnostics.hasErrors) expect(answer).toHaveProperty("imported_resources");
  return diagnostics.all.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n");
}

describe("An import", () => {
  it.each([
    ["no file", CA, "no file of its key"],
    ["no URL", "file:///etc/passwd,/key", "does not begin with https"],
    ["an empty path", `${CA},`, "is empty"],
    ["a path with control characters", `${CA},/a\u001b[2J`, "control characters"],
    ["a path that is too long", `${CA},/${"a".repeat(5000)}`, "longer than"],
    ["an id without end", `${CA},${"a".repeat(20_000)}`, "longer than"],
    ["a file that is not there", `${CA},/nowhere`, "does not exist"],
    ["a device", `${CA},/dev/zero`, "not a regular file"],
  ])("GIVEN an account's id with %s THEN refuses it", async (_, id, words) => {
    const said = await saidOfImport(account(), id);
    expect(said).toContain(words);
    expect(isPlain(said)).toBe(true);
  });

  it("GIVEN a key that is open to all, a pipe, or no key THEN refuses it, and shows nothing of it", async () => {
    const open = join(directory, "open.pem");
    writeFileSync(open, key, { mode: 0o644 });
    expect(await saidOfImport(account(), `${CA},${open}`)).toContain("Every user can read");
    const pipe = join(directory, "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    expect(await saidOfImport(account(), `${CA},${pipe}`)).toContain("not a regular file");
    const words = join(directory, "words");
    writeFileSync(words, `{"secret": "${HOSTILE_WORDS.replaceAll(/["\\\p{Cc}]/gu, "")} s3cr3t"`, {
      mode: 0o600,
    });
    const said = await saidOfImport(account(), `${CA},${words}`);
    expect(said).toContain("neither a PEM nor a JSON Web Key");
    expect(said).not.toContain("s3cr3t");
    const closed = join(directory, "closed.pem");
    writeFileSync(closed, key, { mode: 0o600 });
    expect(await saidOfImport(account(), `${CA},${closed}`)).toContain("cannot be reached");
  });

  it("GIVEN any text as an id THEN refuses it as a problem of the id", async () => {
    const resources = [account(), certificate(), stateIdentity(), hostFiles(passphrases)];
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.stringMatching(/^(mx1|mx2|https:\/\/a)?[,/]?(\.\.\/|[,/a-z.])*$/),
      fc.constant(HOSTILE_WORDS),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...resources), async (id, resource) => {
        fc.pre(!/^[0-9a-f]{16}$/.test(id));
        const said = await saidOfImport(resource, id);
        expect(said).not.toBe("");
        expect(isPlain(said)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe("A move", () => {
  async function saidOfMove(
    resource: AnyResource,
    type: string,
    state: unknown,
    address = ACME,
  ): Promise<string> {
    const diagnostics = new Diagnostics();
    const request = {
      source_provider_address: address,
      source_type_name: type,
      source_schema_version: 5,
      source_state: { json: Buffer.from(JSON.stringify(state)) },
      target_type_name: "one",
    };
    const answer = await new ResourceServer("one", resource)
      .move(request, { diagnostics })
      .catch((error: Error) => {
        diagnostics.error("Moving failed" as never, error.message);
        return {};
      });
    if (!diagnostics.hasErrors) expect(answer).toHaveProperty("target_state");
    return diagnostics.all.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n");
  }

  it("GIVEN a registration THEN has its account; of another provider or type THEN refuses it", async () => {
    const state = {
      registration_url: "https://ca.test/acct/1",
      account_key_pem: key,
      email_address: "a@b.test",
    };
    expect(await saidOfMove(account(), "acme_registration", state)).toBe("");
    for (const [type, address] of [
      ["acme_registration", "registry.terraform.io/someone/acme"],
      ["acme_registration", "evil.test/x/vancluever/acme"],
      ["tls_private_key", ACME],
    ] as const)
      expect(await saidOfMove(account(), type, state, address)).toContain("cannot become a one");
  });

  it("GIVEN a certificate that was ordered with a request, or a key that is not its own, THEN says why not", async () => {
    const state = { certificate_url: "https://ca.test/1", certificate_pem: "x", private_key_pem: key };
    expect(
      await saidOfMove(certificate(), "acme_certificate", { ...state, certificate_request_pem: "PEM" }),
    ).toContain("its state has no private key");
    expect(await saidOfMove(certificate(), "acme_certificate", state)).toContain("contains no certificate");
  });

  it("GIVEN any state THEN refuses it, and shows nothing of it", async () => {
    const value = fc.oneof(
      fc.constant(key),
      fc.constant("https://ca.test/1"),
      fc.jsonValue(),
      fc.constant(HOSTILE_WORDS),
    );
    const names = [
      "registration_url",
      "account_key_pem",
      "email_address",
      "certificate_url",
      "certificate_pem",
      "issuer_pem",
      "private_key_pem",
      "certificate_request_pem",
    ];
    const states = fc.oneof(
      fc.jsonValue(),
      fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] }),
    );
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        for (const said of [
          await saidOfMove(account(), "acme_registration", state),
          await saidOfMove(certificate(), "acme_certificate", state),
        ]) {
          expect(isPlain(said)).toBe(true);
          expect(said).not.toContain(key.split("\n")[1]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
