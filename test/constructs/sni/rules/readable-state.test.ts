import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LocalBackend, S3Backend, TerraformStack } from "cdktf";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Certificate, type ICertificate, MailHost, MailSni, PrivateCa, SniRules } from "../../../../lib";
import { providerDirectory, testStack } from "../../../support/synthesized";
import { pemFor } from "../../../support/test-pem";
import { quietServices } from "../support/declare";
import { said } from "../support/said";
import { tableOf } from "../support/table-of";

const NAMES = ["imap", "mail", "pop", "pop3", "smtp"].map((label) => `${label}.domain1.tld`);

describe("SNI014: other users of the machine could read the keys of a local state", () => {
  let open: string;
  beforeEach(() => {
    open = mkdtempSync(join(tmpdir(), "mail-sni-state-"));
    chmodSync(open, 0o755);
    vi.stubEnv("MAIL_SNI_KEY_PASSPHRASE", "");
    vi.stubEnv("TF_ENCRYPTION", "");
  });
  afterEach(() => {
    rmSync(open, { recursive: true });
    vi.unstubAllEnvs();
  });

  /** A stack whose certificates are issued by a private CA, where there is no other one. */
  function declare(stack: TerraformStack, certificate?: ICertificate): TerraformStack {
    const sni = new MailSni(stack, "sni", {
      hosts: [MailHost.local(stack, "mx1", { root: "./out/mx1", services: quietServices() })],
      issuer: certificate === undefined ? new PrivateCa(stack, "ca") : undefined,
      defaultDomain: "domain1.tld",
    });
    sni.addDomain("domain1.tld", { certificate });
    return stack;
  }

  function withStateIn(directory: string, certificate?: ICertificate): TerraformStack {
    const stack = testStack();
    new LocalBackend(stack, { path: join(directory, "mail.tfstate") });
    return declare(stack, certificate);
  }

  it("GIVEN a directory that every user can enter THEN the message has its path, its mode and the remedy", () => {
    expect(said(withStateIn(open)).warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^stack: Every user .* stack, ${open}/mail\\.tfstate: ${open} has mode 0755\\..*chmod 700 ${open}\\b`,
        ),
      ),
    ]);
  });

  it("GIVEN a directory that is not there yet THEN it says that the engine would leave it open", () => {
    const missing = join(open, "a/b");
    expect(said(withStateIn(missing)).warnings).toEqual([
      expect.stringContaining(`create ${missing} with mode 0755. Create the directory`),
    ]);
  });

  it.each<[string, (directory: string) => string]>([
    ["a directory that is closed", (directory) => made(join(directory, "state"), 0o700)],
    ["a directory that a group alone can enter", (directory) => made(join(directory, "state"), 0o750)],
    [
      "one in a directory that is closed",
      (directory) => made(join(made(join(directory, "a"), 0o700), "b"), 0o755),
    ],
    ["one that is to be made in a closed one", (directory) => join(made(join(directory, "a"), 0o700), "b/c")],
  ])("GIVEN %s THEN it says nothing", (_, directory) => {
    expect(said(withStateIn(directory(open))).warnings).toEqual([]);
  });

  it("GIVEN no backend, or one beside the synthesized stack, THEN it finds what cdktf makes of it", () => {
    vi.spyOn(process, "cwd").mockReturnValue(open);
    expect(said(declare(testStack())).warnings).toEqual([
      expect.stringContaining(`${open}/terraform.stack.tfstate`),
    ]);
    vi.restoreAllMocks();

    const outdir = join(open, "cdktf.out");
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": false };
    const stateAt = (path: string) => {
      const stack = new TerraformStack(new App({ outdir, context }), "stack");
      new LocalBackend(stack, { path });
      return said(declare(stack)).warnings;
    };
    expect(stateAt("terraform.tfstate")).toEqual([]);
    expect(stateAt("../../../mail.tfstate")).toEqual([expect.stringContaining(`${open}/mail.tfstate`)]);
  });

  it("GIVEN a remote backend THEN it says nothing", () => {
    const stack = testStack();
    new S3Backend(stack, { bucket: "b", key: "k" });
    expect(said(declare(stack)).warnings).toEqual([]);
  });

  it("GIVEN certificates from elsewhere, whose keys are in no state, THEN it says nothing", async () => {
    const certificate = Certificate.fromCombinedPem(await pemFor("domain1.tld", ...NAMES));
    expect(said(withStateIn(open, certificate)).warnings.filter(isOurs)).toEqual([]);
  });

  it.each(["MAIL_SNI_KEY_PASSPHRASE", "TF_ENCRYPTION"])("GIVEN %s THEN it says nothing", (variable) => {
    vi.stubEnv(variable, "a long passphrase of a test");
    expect(said(withStateIn(open)).warnings).toEqual([]);
  });

  it("GIVEN a staging tree, whose keys nothing encrypts, THEN a passphrase does not count", () => {
    vi.stubEnv("MAIL_SNI_KEY_PASSPHRASE", "a long passphrase of a test");
    const stack = testStack();
    new LocalBackend(stack, { path: join(open, "mail.tfstate") });
    const sni = new MailSni(stack, "sni", {
      hosts: [MailHost.directory(stack, "image", { path: "./out/image", services: quietServices() })],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "domain1.tld",
    });
    sni.addDomain("domain1.tld");
    const [warning] = said(stack).warnings.filter(isOurs);
    expect(warning).toContain("Every user of this machine");
    expect(warning).not.toContain("PASSPHRASE");
  });

  it("GIVEN it is acknowledged THEN it is not said, and the table has it on machines too where nothing is wrong", () => {
    for (const directory of [open, made(join(open, "state"), 0o700)]) {
      const acknowledging = (stack: TerraformStack) => {
        new LocalBackend(stack, { path: join(directory, "mail.tfstate") });
        SniRules.of(declare(stack)).acknowledge("SNI014", "Nobody else has an account here.");
      };
      const stack = testStack();
      acknowledging(stack);
      expect(said(stack).warnings).toEqual([]);
      expect(JSON.stringify(tableOf(acknowledging).json)).toContain("the local state of the stack mail");
    }
  });

  function made(directory: string, mode: number): string {
    mkdirSync(directory);
    chmodSync(directory, mode);
    return directory;
  }
});

function isOurs(warning: string): boolean {
  return warning.includes("[SNI014]");
}
