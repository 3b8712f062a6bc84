import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
