import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryText, type JournalEntry } from "../../../../lib/shared/journal/entry";
import { journaledAccount, journaledCertificate } from "../../../shared/journal/support/entries";
import { DoctorProject, linesOf } from "../support/doctor-project";

let project: DoctorProject;
beforeEach(() => {
  project = new DoctorProject();
});
afterEach(() => project.remove());

/** Runs doctor with one fault. @returns the lines of that check, where no other has found anything */
async function only(check: string, status: number, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const run = await project.doctor([], environment);
  expect(run.err).toBe("");
  const found = run.out.match(/^(error|warning) .*\[[a-z-]+\]$/gm) ?? [];
  expect(found.filter((line) => !line.endsWith(`[${check}]`))).toEqual([]);
  expect(run.exitCode).toBe(status);
  return linesOf(run, check).join("\n");
}

describe("the check `provider-file`", () => {
  it("GIVEN terraform.d that an upload has dropped THEN init will ask a registry, and what to do", async () => {
    rmSync(project.inStack("terraform.d"), { recursive: true });
    const found = await only("provider-file", 1);
    expect(found).toMatch(/^error {3}stack mail: \S+ does not contain exactly one file, the provider: /);
    expect(found).toContain("Run cdktf synth on this machine");
  });

  it("GIVEN no execute bit THEN the engine cannot start it; chmod", async () => {
    chmodSync(project.inStack(project.provider), 0o644);
    const found = await only("provider-file", 1);
    expect(found).toContain("is not executable here");
    expect(found).toContain("Run chmod +x on it");
  });

  it("GIVEN other bytes than those of the lock entry THEN init will refuse it", async () => {
    appendFileSync(project.inStack(project.provider), "//");
    expect(await only("provider-file", 1)).toContain("is not the file that the lock entry has the hash of");
  });
});

describe("the check `lock-entry`", () => {
  const edit = (change: (text: string) => string) => {
    const path = project.inStack(".terraform.lock.hcl");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };

  it("GIVEN no lock file, or one without the entry THEN a registry would be asked", async () => {
    edit(() => 'provider "registry.terraform.io/hashicorp/null" {\n}\n');
    expect(await only("lock-entry", 1)).toContain("has no entry for the provider");
    rmSync(project.inStack(".terraform.lock.hcl"));
    expect(await only("lock-entry", 1)).toContain("has no entry for the provider");
  });

  it("GIVEN another version THEN init will refuse it", async () => {
    edit((text) => text.replaceAll("1.2.3-b0", "1.2.2-b9"));
    const found = await only("lock-entry", 1);
    expect(found).toContain("has version 1.2.2-b9 of the provider, and the stack requires 1.2.3-b0");
  });
});

describe("the check `cli-configuration`", () => {
  it("GIVEN a provider_installation block that leaves the provider out THEN the lines to add", async () => {
    project.write(".terraformrc", "provider_installation {\n  direct {}\n}\n");
    const found = await only("cli-configuration", 1);
    expect(found).toContain("~/.terraformrc has a provider_installation block");
    expect(found).toContain('\n            include = ["mail-sni.invalid/*/*"]\n');
  });

  it("GIVEN a block that names it THEN nothing", async () => {
    project.write(
      ".terraformrc",
      'provider_installation {\n  direct { exclude = ["mail-sni.invalid/*/*"] }\n}\n',
    );
    expect((await project.doctor()).exitCode).toBe(0);
  });

  it("GIVEN another -plugin-dir THEN init will not find it; GIVEN its own THEN nothing", async () => {
    const found = await only("cli-configuration", 1, { TF_CLI_ARGS_init: "-plugin-dir=/srv/plugins" });
    expect(found).toContain("TF_CLI_ARGS_init has -plugin-dir=/srv/plugins, where the provider is not");
    const own = { TF_CLI_ARGS_init: "-plugin-dir=terraform.d/plugins" };
    expect((await project.doctor([], own)).exitCode).toBe(0);
  });
});

describe("the check `local-state`", () => {
  const state = (mode: number, directoryMode: number) => {
    for (const name of ["mail.tfstate", "mail.tfstate.backup"])
      chmodSync(project.write(`state/${name}`, "{}"), mode);
    chmodSync(join(project.directory, "state"), directoryMode);
  };

  it("GIVEN a state and a backup that every user can read THEN both are named, and 0", async () => {
    state(0o644, 0o755);
    const found = await only("local-state", 0);
    const directory = join(project.directory, "state");
    expect(found).toContain(`in ${directory}/mail.tfstate, ${directory}/mail.tfstate.backup.`);
    expect(found).toContain(`chmod 700 ${directory}`);
  });

  it("GIVEN an empty state, as a killed engine leaves it THEN the backup is to be restored", async () => {
    state(0o600, 0o700);
    writeFileSync(join(project.directory, "state/mail.tfstate"), "");
    const found = await only("local-state", 1);
    expect(found).toContain("is empty: an engine was killed while it wrote the state");
    expect(found).toMatch(/cp \S+mail.tfstate.backup \S+mail.tfstate$/m);
  });

  it.each([
    ["a closed directory", 0o644, 0o700, {}],
    ["closed files", 0o600, 0o755, {}],
    ["a passphrase for the keys", 0o644, 0o755, { MAIL_SNI_KEY_PASSPHRASE: "0123456789abcdef" }],
    ["OpenTofu's encryption", 0o644, 0o755, { TF_ENCRYPTION: "{}" }],
  ])("GIVEN %s THEN nothing", async (_, mode, directoryMode, environment) => {
    state(mode, directoryMode);
    expect((await project.doctor([], environment)).out).toMatch(/^Nothing is wrong/);
  });

  it("GIVEN a backup that is a link to nowhere THEN the other files are still checked", async () => {
    state(0o644, 0o755);
    symlinkSync("gone", join(project.directory, "state/mail.tfstate.1.backup"));
    const found = await only("local-state", 0);
    expect(found).toContain("/state/mail.tfstate, ");
    expect(found).not.toContain("mail.tfstate.1.backup");
  });

  it("GIVEN a state inside the output of synth THEN where to move it", async () => {
    project.declare({}, "terraform.tfstate");
    const found = await only("local-state", 0);
    expect(found).toContain("inside the output of synth");
    expect(found).toContain("new LocalBackend(stack, { path:");
  });

  it("GIVEN another backend THEN it is skipped", async () => {
    const required = { mailsni: { version: "1.2.3-b0" } };
    project.declare({ terraform: { required_providers: required, backend: { s3: { bucket: "b" } } } });
    const run = await project.doctor(["--verbose"]);
    expect(linesOf(run, "local-state")).toEqual([
      "skipped stack mail: the stack has another backend. [local-state]",
    ]);
    expect(run.exitCode).toBe(0);
  });
});

describe("the check `left-files`", () => {
  it("GIVEN a saved plan that every user can read THEN a warning; GIVEN a closed directory THEN nothing", async () => {
    chmodSync(project.write("cdktf.out/stacks/mail/plan", "PK"), 0o644);
    expect((await project.doctor()).out).toMatch(/^Nothing is wrong/);
    chmodSync(project.stackDirectory("mail"), 0o755);
    const found = await only("left-files", 0);
    expect(found).toContain(`can read ${project.inStack("plan")}, which holds the state`);
    expect(found).toContain(`Run chmod 700 ${project.stackDirectory("mail")}`);
  });

  it("GIVEN a state that could not be saved THEN it is to be pushed", async () => {
    chmodSync(project.write("cdktf.out/stacks/mail/errored.tfstate", "{}"), 0o600);
    expect(await only("left-files", 1)).toContain("run terraform state push errored.tfstate");
  });
});

describe("the check `journal`", () => {
  const acme = (journal?: object) => ({
    terraform: { required_providers: { mailsni: { version: "1.2.3-b0" } } },
    provider: { mailsni: [{ stack: "mail", ...(journal && { journal }) }] },
    resource: { mailsni_acme_certificate: { c_a_test: { names: ["a.test"], challenge: { hook: ["x"] } } } },
  });
  const linesWith = async (environment: NodeJS.ProcessEnv = {}) =>
    linesOf(await project.doctor(["--verbose"], environment), "journal").join("\n");

  it("GIVEN entries of this stack and of another THEN those of this one are counted", async () => {
    project.declare(acme());
    const directory = join(project.directory, "journal");
    mkdirSync(directory, { mode: 0o700 });
    const write = (id: string, entry: JournalEntry) =>
      writeFileSync(join(directory, `${id}.4194300-1`), entryText({ ...entry, id }), { mode: 0o600 });
    write("00000000000000a1", journaledCertificate());
    write("00000000000000a2", journaledCertificate({ stack: "other" }));
    write("00000000000000a3", journaledAccount());
    const leaf = {
      fingerprint: "ab".repeat(32),
      notBefore: "2026-11-29T00:00:00Z",
      notAfter: "2027-02-28T00:00:00Z",
    };
    for (const id of ["00000000000000a5", "00000000000000a6"]) write(id, journaledCertificate({ leaf }));
    const found = await linesWith({ MAIL_SNI_JOURNAL: directory });
    expect(found).toMatch(
      /^ok .* has 2 issued certificates, 1 begun order and 1 account that no plan has found in the state yet/,
    );
    writeFileSync(join(directory, "00000000000000a4.4194300-1"), "PRIVATE", { mode: 0o600 });
    expect(await linesWith({ MAIL_SNI_JOURNAL: directory })).toMatch(/^warning .*a4.*not an entry/);
    chmodSync(directory, 0o755);
    const open = await linesWith({ MAIL_SNI_JOURNAL: directory });
    expect(open).toMatch(/^warning .*is open to other users/);
    expect(open).toContain(`chmod 700 ${directory}`);
  });

  it("GIVEN a directory that a deploy could not create THEN a warning says why", async () => {
    project.declare(acme());
    const home = join(project.directory, "no-home");
    expect(await linesWith({ HOME: home })).toMatch(/^warning .*The home directory .* does not exist/);
    const shared = join(project.directory, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    expect(await linesWith({ MAIL_SNI_JOURNAL: join(shared, "journal") })).toMatch(
      /^warning .*writable for all users/,
    );
    expect(await linesWith({ MAIL_SNI_JOURNAL: join(project.directory, "a/b") })).toMatch(
      /^ok .*nothing waits/,
    );
  });

  it("GIVEN a journal on hosts THEN it needs a passphrase; GIVEN none, or no ACME CA THEN it is skipped", async () => {
    project.declare(acme({ hosts: ["mx1"] }));
    expect(await linesWith()).toMatch(/^warning .*MAIL_SNI_KEY_PASSPHRASE is not set/);
    expect(await linesWith({ MAIL_SNI_KEY_PASSPHRASE: "a passphrase of some bytes" })).toMatch(
      /^ok .*on mx1/,
    );
    expect(await linesWith({ MAIL_SNI_JOURNAL: "off" })).toMatch(/^skipped .*switches it off/);
    const { resource: _, ...without } = acme();
    project.declare(without);
    expect(await linesWith()).toMatch(/^ok .*orders nothing/);
  });
});

describe("the check `workspace`", () => {
  it("GIVEN TF_WORKSPACE and another one that is selected THEN a warning; the same THEN nothing", async () => {
    const found = await only("workspace", 0, { TF_WORKSPACE: "staging" });
    expect(found).toContain("TF_WORKSPACE is staging, and default is selected");
    mkdirSync(project.inStack(".terraform"));
    writeFileSync(project.inStack(".terraform/environment"), "staging");
    expect((await project.doctor([], { TF_WORKSPACE: "staging" })).out).toMatch(/^Nothing is wrong/);
  });
});

describe("the check `shared-paths`", () => {
  it("GIVEN a stack that is named twice THEN it is checked once, and not against itself", async () => {
    project.declare({
      provider: { mailsni: [{ stack: "mail", hosts: { mx1: { root: "/srv/mail" } } }] },
      resource: { mailsni_host_files: { base: { host: "mx1", files: { "/etc/a": { text: "" } } } } },
    });
    const twice = ["--no-hosts", "--verbose", "--stack", "mail", "--stack", "mail"];
    const { out } = await project.doctor(twice);
    expect(out.match(/\[shared-paths\]$/gm)).toHaveLength(1);
    expect(out).toContain(
      "ok      stack mail: no other stack declares its paths on its hosts. [shared-paths]",
    );
  });
});
