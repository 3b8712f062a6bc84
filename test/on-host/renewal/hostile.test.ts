import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OTHER_UID } from "../../support/machine";
import { describeIf, root } from "../../support/requirements";
import { RenewalHost, type Row } from "./support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test"] };

/** A host on which each row has a text that no service reads. */
class HostOfTexts extends RenewalHost {
  textOf(alias: string): string {
    return this.at(`/var/filed/texts/${alias}`);
  }

  protected override records(row: Row, isDefault: boolean): string[] {
    const [alias] = row.names;
    const text = this.text(alias, "remove", `/var/filed/texts/${alias}`, `${alias}\n`, "filed");
    return [...super.records(row, isDefault), text.join("\t")];
  }
}

describeIf(root, "`renewal install` on a hostile host", () => {
  let on: RenewalHost;
  beforeEach(() => {
    on = new RenewalHost();
    on.declare(A, B);
  });
  afterEach(() => on.remove());

  it("GIVEN a file of a terabyte at a target THEN it is replaced, and the row behind it is installed", async () => {
    const [a] = [await on.order(A), await on.order(B)];
    for (const path of ["/var/filed/a.test/servercert.pem", "/etc/served/a.test.pem"]) {
      on.write(on.at(path), "");
      truncateSync(on.at(path), 1e12);
    }
    const { exitCode, output } = await on.run(["install"], { shell: ["timeout", "50", "dash"] });
    expect([exitCode, output]).toEqual([0, ""]);
    expect(on.read("/var/filed/a.test/servercert.pem")).toBe(a);
    expect(on.result()).toMatchObject({ "a.test": { status: "ok" }, "b.test": { status: "ok" } });
  });

  it.each([
    ["a file of a terabyte", (path: string) => truncateSync(path, 1e12)],
    [
      "a link to a pipe",
      (path: string) => {
        const pipe = `${path}.pipe`;
        execFileSync("mkfifo", [pipe]);
        rmSync(path);
        symlinkSync(pipe, path);
      },
    ],
  ])(
    "GIVEN %s where a text is to be, or to be removed, THEN it is not read, and all is installed",
    async (_, plant) => {
      const host = new HostOfTexts();
      try {
        const C: Row = { names: ["c.test"] };
        const [a] = await host.installed(A, C);
        host.declare(A, B);
        const b = await host.order(B);
        for (const name of ["b.test", "c.test"]) {
          host.write(host.textOf(name), "");
          plant(host.textOf(name));
        }
        const ended = await host.run(["install"], { shell: ["timeout", "30", "dash"] });
        expect(ended).toEqual({ exitCode: 0, output: "" });
        expect([host.loaded("a.test"), host.loaded("b.test"), existsSync(host.textOf("c.test"))]).toEqual([
          a,
          b,
          false,
        ]);
        expect(readFileSync(host.textOf("b.test"), "utf8")).toBe("b.test\n");
      } finally {
        host.remove();
      }
    },
  );

  it.each([
    [
      "one that is followed",
      { names: ["b.test"] },
      1,
      /b\.test is a link that another user than root can change/,
    ],
    ["one that a directory replaces", B, 0, /b\.test was a link to a directory, and is a directory now/],
  ] as const)(
    "GIVEN a link of another user in the way, %s, THEN nothing behind it changes, and the other row is installed",
    async (_, row, exitCode, message) => {
      on.declare(A, row);
      const [a] = [await on.order(A), await on.order(row)];
      const victim = join(on.temporary, "victim");
      mkdirSync(victim);
      writeFileSync(join(victim, "servercert.pem"), "theirs");
      mkdirSync(on.at("/var/filed"), { recursive: true });
      symlinkSync(victim, on.at("/var/filed/b.test"));
      lchownSync(on.at("/var/filed/b.test"), OTHER_UID, OTHER_UID);
      expect((await on.run(["install"])).exitCode).toBe(exitCode);
      expect(on.result()["b.test"]?.message).toMatch(message);
      expect([readdirSync(victim), readFileSync(join(victim, "servercert.pem"), "utf8")]).toEqual([
        ["servercert.pem"],
        "theirs",
      ]);
      expect([on.loaded("a.test"), on.result()["a.test"]?.status]).toEqual([a, "ok"]);
    },
  );

  it("GIVEN a directory of another user THEN keys get there with their mode, and planted names are not followed", async () => {
    const [a] = [await on.order(A), await on.order(B)];
    mkdirSync(on.at("/var/filed/a.test"), { recursive: true });
    const victim = join(on.temporary, "victim");
    writeFileSync(victim, "theirs");
    symlinkSync(victim, on.at("/var/filed/a.test/.servercert.pem.mail-sni-new"));
    symlinkSync(victim, on.at("/var/filed/a.test/servercert.pem"));
    execFileSync("mkfifo", [on.at("/var/filed/a.test/.servercert.pem.mail-sni-old")]);
    for (const path of ["/var/filed", "/var/filed/a.test"]) chownSync(on.at(path), OTHER_UID, OTHER_UID);
    const { output } = await on.run(["install"], { shell: ["timeout", "60", "dash"] });
    expect(
      [on.read("/var/filed/a.test/servercert.pem"), on.mode("/var/filed/a.test/servercert.pem")],
      output,
    ).toEqual([a, "0640"]);
    expect(readFileSync(victim, "utf8")).toBe("theirs");
  });

  it("GIVEN a pipe in place of a PEM THEN its row fails at once, and does not hang", async () => {
    await on.order(A);
    await on.order(B);
    mkdirSync(on.at("/etc/served"), { recursive: true });
    execFileSync("mkfifo", [on.at("/etc/served/b.test.pem")]);
    const { exitCode } = await on.run(["install"], { shell: ["timeout", "60", "dash"] });
    expect([exitCode, on.result()["b.test"]?.message]).toEqual([
      1,
      expect.stringMatching(/a device, a socket or a pipe is at/),
    ]);
    expect(on.result()["a.test"]?.status).toBe("ok");
  });

  it("GIVEN a state directory of another user THEN nothing is changed, and it says whose it is", async () => {
    await on.order(A);
    chownSync(on.state, OTHER_UID, OTHER_UID);
    const { exitCode, output } = await on.run(["install"]);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/belongs to another user/)]);
    expect(on.has("/etc/served/a.test.pem")).toBe(false);
  });

  it.each([
    ["all users", 0o757, "all users", 0o1777],
    ["a group", 0o775, "the group nogroup", 0o1775],
  ])(
    "GIVEN a state directory below one that %s can write to THEN nothing is changed, and it says which",
    async (_, mode, who, sticky) => {
      await on.order(A);
      chownSync(on.at("/var/lib"), 0, OTHER_UID);
      chmodSync(on.at("/var/lib"), mode);
      const { exitCode, output } = await on.run(["install"]);
      expect([exitCode, output]).toEqual([
        1,
        expect.stringContaining(`/var/lib is writable for ${who}, who could`),
      ]);
      expect(output).toMatch(/make it writable for its owner only \(chmod go-w \S*\/var\/lib\)/);
      expect(on.has("/etc/served/a.test.pem")).toBe(false);
      chmodSync(on.at("/var/lib"), sticky);
      expect((await on.run(["install"])).exitCode).toBe(0);
      expect(on.has("/etc/served/a.test.pem")).toBe(true);
    },
  );

  it("GIVEN a full disk THEN the rows fail, say why, and what was there stays", async () => {
    const [a, b] = [await on.order(A), await on.order(B)];
    await on.run(["install"]);
    const before = on.tree();
    await on.order(A);
    await on.order(B);
    // The file system is full of a single file, in a mount namespace that ends with the program.
    const full = `mount -t tmpfs -o size=64k none '${on.state}/full' && mount --bind '${on.state}/full' '${on.state}/staged' &&
      head -c 65536 /dev/zero >'${on.state}/full/fill'; exec dash "$0" "$@"`;
    for (const name of ["full", "staged"]) mkdirSync(join(on.state, name));
    const prelude = 'open_staging() { mkdir -p -m 700 "$1/staged/0"; }\nclose_staging() { :; }\n';
    const { exitCode } = await on.run(["install"], { shell: ["unshare", "-m", "sh", "-c", full], prelude });
    expect(exitCode).toBe(1);
    for (const row of ["a.test", "b.test"])
      expect(on.result()[row]).toMatchObject({
        status: "failed",
        message: expect.stringMatching(/No space left|disk may be full/),
      });
    expect([on.tree(), on.loaded("a.test"), on.loaded("b.test")]).toEqual([before, a, b]);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN the web server's user has put links in the way of tokens THEN nothing behind them is written or opened", async () => {
    on.webroot = on.at("/var/www/.well-known/acme-challenge");
    on.declare(A);
    mkdirSync(on.webroot, { recursive: true });
    const secret = join(on.temporary, "secret");
    writeFileSync(secret, "theirs", { mode: 0o600 });
    symlinkSync(secret, join(on.webroot, "token_1"));
    const challenge = [
      "a.test",
      "token_1",
      "token_1.thumbprint",
      "imap.a.test",
      "token_2",
      "token_2.thumbprint",
    ];
    expect(await on.run(["deploy_challenge", ...challenge])).toEqual({ exitCode: 0, output: "" });
    expect([readFileSync(secret, "utf8"), statSync(secret).mode & 0o777]).toEqual(["theirs", 0o600]);
    for (const token of ["token_1", "token_2"]) {
      const published = lstatSync(join(on.webroot, token));
      expect([published.isFile(), published.mode & 0o777]).toEqual([true, 0o644]);
      expect(readFileSync(join(on.webroot, token), "utf8")).toBe(`${token}.thumbprint`);
    }
    expect(await on.run(["clean_challenge", ...challenge])).toEqual({ exitCode: 0, output: "" });
    expect(readdirSync(on.webroot)).toEqual([]);
    rmSync(on.webroot, { recursive: true });
    symlinkSync(on.temporary, on.webroot);
    lchownSync(on.webroot, OTHER_UID, OTHER_UID);
    const refused = await on.run(["deploy_challenge", ...challenge]);
    expect(refused).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/another user than root can change/),
    });
    expect(readdirSync(on.temporary)).not.toContain("token_1");
  });

  it("GIVEN a token that leads out of the directory THEN it is refused", async () => {
    on.webroot = on.at("/var/www");
    on.declare(A);
    const { exitCode, output } = await on.run(["deploy_challenge", "a.test", "../../victim", "contents"]);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/a token that no file can be named after/)]);
    expect(on.has("victim")).toBe(false);
  });

  it("THEN no key is an argument of a process, or in what it prints or leaves for others", async () => {
    const pems = [await on.order(A), await on.order(B)];
    const trace = join(on.temporary, "trace");
    const strace = [
      "strace",
      "-f",
      "-qq",
      "-e",
      "trace=execve",
      "-s",
      "100000",
      "-v",
      "-o",
      trace,
      "dash",
    ] as const;
    const { output } = await on.run(["install"], { shell: strace });
    const secrets = pems.flatMap(
      (pem) => pem.split("-----END PRIVATE KEY-----")[0]?.match(/[A-Za-z0-9+/]{40}/g) ?? [],
    );
    expect(secrets.length).toBeGreaterThan(3);
    const texts = [
      output,
      readFileSync(trace, "utf8"),
      on.ledgerText(),
      readFileSync(join(on.work, "result"), "utf8"),
      readFileSync(join(on.work, "installed"), "utf8"),
    ];
    expect(readFileSync(trace, "utf8")).toMatch(/execve.*openssl/);
    for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret);
  });
});
