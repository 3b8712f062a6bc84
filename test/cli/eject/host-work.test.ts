import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import ejectScript from "../../../lib/cli/eject/eject.sh";
import { HostWork } from "../../../lib/cli/eject/host-work";
import { Transports } from "../../../lib/shared/transport/ssh/transports";
import { pemFor } from "../../support/test-pem";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-eject-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n/;

describe("what is installed on a host that leaves", () => {
  it("GIVEN files without exactly one key that can be read, or with a strange owner THEN they are left out", async () => {
    const pem = await pemFor("a.tld");
    const key = KEY.exec(pem)?.[0] as string;
    const files: Readonly<Record<string, string>> = {
      good: pem,
      capitals: await pemFor("B.tld"),
      "without-key": pem.replace(key, ""),
      "two-keys": key + pem,
      encrypted: pem.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
      "without-certificate": key,
      "not-a-certificate": `${key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      "strange-name": await pemFor("$(id).tld"),
      "strange-owner": pem,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
    const pems = [...Object.keys(files), "missing"].map((name) => ({
      path: at(name),
      mode: "0640",
      owner: name === "strange-owner" ? "a\tb" : "root",
      group: null,
    }));
    const connection = { ssh: null, root: "/", stateDirectory: at("state"), applyOwnership: true };
    const transports = new Transports();
    const session = await transports.to(connection).open(60_000);
    try {
      const installed = await new HostWork(session, connection).installed(pems);
      expect(installed.map(({ path, mode, leaf }) => [path, mode, leaf.dnsNames])).toEqual([
        [at("good"), "0640", ["a.tld"]],
        // As dehydrated reads its rows, and names their directories.
        [at("capitals"), "0640", ["b.tld"]],
      ]);
    } finally {
      await session.close();
      await transports.close();
    }
  });
});

describe("the copies that dehydrated gets", () => {
  const seed = (...rows: string[]) =>
    spawnSync("sh", ["-c", `umask 022\n${ejectScript}`, "sh", "seed", "", at("work"), ...rows], {
      encoding: "utf8",
    });
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it("THEN they are readable for their owner alone, and key, leaf and chain are apart", async () => {
    const pem = (await pemFor("a.tld")).replaceAll("\n", "\r\n");
    writeFileSync(at("a.pem"), pem);
    expect(seed("a.tld", at("a.pem"))).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const row = join(at("work"), "certs", "a.tld");
    const [key, leaf, chain] = ["privkey.pem", "cert.pem", "chain.pem"].map((name) =>
      readFileSync(join(row, name), "utf8"),
    ) as [string, string, string];
    expect(readFileSync(join(row, "fullchain.pem"), "utf8")).toBe(leaf + chain);
    expect(key + leaf + chain).toBe(pem.replaceAll("\r\n", "\n"));
    expect(leaf.match(/BEGIN/g)).toHaveLength(1);
    expect(
      ["", "certs", "certs/a.tld", "certs/a.tld/privkey.pem"].map((path) => mode(join(at("work"), path))),
    ).toEqual(["700", "700", "700", "600"]);
  });

  it("GIVEN a file without a key THEN it is said, others are copied, and no half of it is there", async () => {
    writeFileSync(at("a.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    writeFileSync(at("b.pem"), await pemFor("b.tld"));
    expect(seed("a.tld", at("a.pem"), "b.tld", at("b.pem")).stdout).toBe(`E\t${at("a.pem")}\n`);
    expect(readdirSync(join(at("work"), "certs")).filter((name) => !name.startsWith("."))).toEqual(["b.tld"]);
  });

  it("GIVEN a run of dehydrated that goes on THEN that is said, and nothing is copied", async () => {
    writeFileSync(at("a.pem"), await pemFor("a.tld"));
    const withoutWait = ejectScript.replaceAll("flock -w 60", "flock -w 0");
    const held = `mkdir '${at("work")}' && exec flock '${at("work")}/run.lock' sh -c "$@"`;
    const { stdout, status } = spawnSync(
      "sh",
      ["-c", held, "sh", withoutWait, "sh", "seed", "", at("work"), "a.tld", at("a.pem")],
      { encoding: "utf8" },
    );
    expect([stdout, status]).toEqual([
      `a run of dehydrated holds ${at("work")}/run.lock: wait until it has ended\n`,
      1,
    ]);
    expect(readdirSync(join(at("work"), "certs"))).toEqual([]);
  });
});

describe("the directory of tokens", () => {
  const made = (webroot: string) =>
    spawnSync(
      "sh",
      ["-c", `umask 077\n${ejectScript}`, "sh", "token_directory", "", webroot, `${webroot}/a/tokens`],
      { encoding: "utf8" },
    );

  it("THEN others can read it, and it may be there already", () => {
    mkdirSync(at("www"));
    expect([made(at("www")).status, made(at("www")).status]).toEqual([0, 0]);
    expect(["a", "a/tokens"].map((path) => statSync(join(at("www"), path)).mode & 0o777)).toEqual([
      0o755, 0o755,
    ]);
  });

  it("GIVEN that nothing is served from there THEN it is said, and nothing is made", () => {
    const { status, stdout } = made(at("www"));
    expect([status, stdout]).toEqual([1, expect.stringContaining(`there is no directory ${at("www")}`)]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("the settings of single rows", () => {
  const TITLE = "# The title.";
  const text = (algorithm: string) => `${TITLE}\nKEY_ALGO=${algorithm}\n`;
  const written = (...rows: string[]) =>
    spawnSync("sh", ["-c", `umask 077\n${ejectScript}`, "sh", "row_settings", "", at("d"), TITLE, ...rows], {
      encoding: "utf8",
    });
  const files = () =>
    Object.fromEntries(readdirSync(at("d")).map((name) => [name, readFileSync(join(at("d"), name), "utf8")]));

  it("THEN a row that needs them gets them, for all to read, and no other one", () => {
    expect(written("a.tld", "yes", text("rsa"), "b.tld", "no", text("prime256v1"))).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(files()).toEqual({ "a.tld": text("rsa") });
    expect(statSync(join(at("d"), "a.tld")).mode & 0o777).toBe(0o644);
  });

  it("GIVEN those of before THEN they are replaced, also where they are not needed any more, and what a killed run left goes", () => {
    written("a.tld", "yes", text("rsa"));
    writeFileSync(join(at("d"), ".a.tld.new"), "half");
    expect(written("a.tld", "no", text("prime256v1")).status).toBe(0);
    expect(files()).toEqual({ "a.tld": text("prime256v1") });
  });

  it.each([
    ["a file", "RENEW_DAYS=20\nKEY_ALGO=rsa4\n", "K\ta.tld\n"],
    ["an empty file", "", "K\ta.tld\n"],
    ["a file with what is needed", "RENEW_DAYS=20\nKEY_ALGO=rsa\n", ""],
  ])(
    "GIVEN %s of an administrator THEN it stays, and is named if it lacks what is needed",
    (_, own, said) => {
      mkdirSync(at("d"));
      writeFileSync(join(at("d"), "a.tld"), own);
      expect(written("a.tld", "yes", text("rsa"))).toMatchObject({ status: 0, stdout: said, stderr: "" });
      expect(written("a.tld", "no", text("rsa")).stdout).toBe("");
      expect(files()).toEqual({ "a.tld": own });
    },
  );

  it("GIVEN a link or a directory in the place of a file THEN it stays, and is named", () => {
    mkdirSync(join(at("d"), "b.tld"), { recursive: true });
    writeFileSync(at("elsewhere"), text("prime256v1"));
    symlinkSync(at("elsewhere"), join(at("d"), "a.tld"));
    expect(written("a.tld", "yes", text("rsa"), "b.tld", "yes", text("rsa"))).toMatchObject({
      status: 0,
      stdout: "K\ta.tld\nK\tb.tld\n",
      stderr: "",
    });
    expect(readFileSync(at("elsewhere"), "utf8")).toBe(text("prime256v1"));
  });

  it("GIVEN a directory that cannot be made THEN that is an error", () => {
    writeFileSync(at("d"), "");
    expect(written("a.tld", "yes", text("rsa")).status).not.toBe(0);
  });
});
