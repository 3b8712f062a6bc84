import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renewalProgram } from "../../../build/host-programs";
import { findCommand, runCommand } from "../../support/commands";
import { describeIf, root, shellcheck } from "../../support/requirements";
import { type Ended, RenewalHost } from "./support/renewal-host";

const ROOT = resolve(__dirname, "../../..");

describeIf(root, "the renewal program where nothing would start it", () => {
  let on: RenewalHost;
  beforeEach(() => {
    on = new RenewalHost();
  });
  afterEach(() => on.remove());

  /** Runs it where no systemd runs, and where `hidden` is an empty directory. */
  function renewal(verb: string, hidden = "/run"): Promise<Ended> {
    const script = 'mount -t tmpfs none /run && mount -t tmpfs none "$0" && exec dash "$@"';
    return on.run([verb], { shell: ["unshare", "-m", "sh", "-c", script, hidden] });
  }

  it("GIVEN a timer of systemd on a host without it THEN `check` and activation fail, and say what to do", async () => {
    on.timer = ["systemd", "/etc/systemd/system/mail-sni-dehydrated.timer"];
    on.declare({ names: ["a.test"] });
    const why =
      /systemd does not run on this host, so its timer would never start: declare RenewalTimer\.cron\(\)/;
    for (const verb of ["check", "activate"])
      expect(await renewal(verb)).toEqual({ exitCode: 1, output: expect.stringMatching(why) });
  });

  it("GIVEN a file of cron on a host without cron THEN `check` fails, and says what to do", async () => {
    on.timer = ["cron", "/etc/cron.d/mail-sni-dehydrated"];
    on.declare({ names: ["a.test"] });
    const bin = join(on.temporary, "bin");
    mkdirSync(bin);
    expect((await renewal("check", "/usr/sbin")).output).toMatch(/no cron is installed.*apt install cron/);
    on.write(join(bin, "crond"), "#!/bin/sh\n", 0o755);
    const { output } = await on.run(["check"], { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(output).not.toMatch(/cron/);
    expect(await renewal("activate")).toEqual({ exitCode: 0, output: "" });
  });
});

describe("the renewal program as a file", () => {
  let directory: string;
  let file: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-program-"));
    file = join(directory, "renewal");
    writeFileSync(file, renewalProgram(ROOT));
    chmodSync(file, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  describeIf(shellcheck, "WHEN shellcheck reads it", () => {
    it("THEN it has nothing to say", async () => {
      expect(await runCommand(["shellcheck", "-s", "sh", file])).toMatchObject({ exitCode: 0, stdout: "" });
    });
  });

  it.each(["ksh93", "mksh", "lksh", "dash"].filter((name) => findCommand(name)))(
    "GIVEN %s that says it is ksh THEN it refuses every verb, and says what to do",
    async (name) => {
      // Where none of them is installed, a shell that only says so.
      const env: Record<string, string> = name === "dash" ? { KSH_VERSION: "93u+" } : {};
      for (const verb of ["run", "check", "exit_hook"]) {
        const { exitCode, stdout, stderr } = await runCommand([name, file, verb], { env });
        expect([exitCode, stdout, stderr]).toEqual([
          1,
          "",
          "renewal: ksh cannot hold a lock for the commands that it starts. Make /bin/sh dash, bash or busybox sh.\n",
        ]);
      }
    },
  );

  it.each(["ksh93", "mksh", "lksh"].filter((name) => findCommand(name)))(
    "GIVEN a command that %s starts THEN it has no lock of the shell, which is why that is refused",
    async (name) => {
      const holds = `exec 9>'${join(directory, "lock")}'; flock --nonblock 9`;
      expect((await runCommand([name, "-c", holds])).exitCode).not.toBe(0);
      expect((await runCommand(["dash", "-c", holds])).exitCode).toBe(0);
    },
  );

  it("GIVEN no verb that it knows THEN it is a hook, which does nothing and succeeds", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["dash", file, "this_hookscript_is_broken"]);
    expect([exitCode, stdout, stderr]).toEqual([0, "", ""]);
  });

  it("GIVEN no verb at all THEN it says which there are", async () => {
    expect(await runCommand(["dash", file])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^usage: /),
    });
  });

  it("GIVEN nothing beside it THEN `check` says what to do, and writes nothing", async () => {
    const { exitCode, stdout } = await runCommand(["dash", file, "check"]);
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringMatching(/table cannot be read: apply the stack again/),
    ]);
    expect(existsSync(join(directory, "table"))).toBe(false);
  });

  it("GIVEN a host without dehydrated THEN `check` says how to install it", async () => {
    const bare = join(directory, "bare");
    const tools =
      "awk sed xargs cut od sort openssl curl bash base64 cat chgrp chmod chown cp date dd flock grep head id ln ls mkdir";
    const more = "mv readlink rm rmdir sha256sum stat sync tail timeout tr sh";
    await runCommand([
      "sh",
      "-c",
      `mkdir '${bare}'; for t in ${tools} ${more}; do ln -s "$(command -v $t)" '${bare}/'; done`,
    ]);
    // The program adds the system's directories behind PATH, so those are hidden behind an unusable dehydrated.
    writeFileSync(join(bare, "dehydrated"), "#!/bin/sh\necho 'Dehydrated version: 0.6.5'\n", { mode: 0o755 });
    const { stdout } = await runCommand([findCommand("dash") ?? "/bin/sh", file, "check"], {
      env: { PATH: bare },
    });
    expect(stdout).toMatch(/dehydrated 0\.6\.5 is installed, and 0\.7\.0 or later is needed/);
  });
});
