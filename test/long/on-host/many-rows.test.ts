import { lstatSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RenewalHost, type Row } from "../../on-host/renewal/support/renewal-host";
import { startTlsServer, type TlsServer } from "../../provider/host/support/tls-server";

vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const ROWS = Array.from({ length: 200 }, (_, index): Row => {
  const domain = `domain${index}.test`;
  return { names: [domain, `imap.${domain}`, `pop3.${domain}`, `smtp.${domain}`] };
});

describe("a host with 200 rows of four names, and a server that is asked for each", () => {
  let on: RenewalHost;
  let server: TlsServer;
  const pems = new Map<string, string>();
  beforeAll(async () => {
    on = new RenewalHost();
    server = await startTlsServer((name) => on.loaded(name ?? "default") ?? on.loaded("default"));
    on.services.push(`endpoint\tserved\t${server.port}\ttls\t127.0.0.1`);
    on.declare(...ROWS);
    for (const row of ROWS) pems.set(row.names[0], await on.order(row));
  });
  afterAll(async () => {
    await server?.stop();
    on?.remove();
  });

  /** When each path was made or changed. */
  const inodes = () =>
    Object.fromEntries(
      Object.keys(on.tree()).map((path) => {
        const { ino, mtimeMs } = lstatSync(on.at(path));
        return [path, `${ino} ${mtimeMs}`] as const;
      }),
    );
  const activations = () => on.calls().filter((call) => call === "activate").length;

  it("WHEN they are installed for the first time THEN each is served, after two batches, and the lock was never held for long", async () => {
    const held = `unlock() { echo "held $(($(uptime) - locked_at))" >&2; exec 9>&-; }\n`;
    const { exitCode, output } = await on.run(["install"], { prelude: held });
    expect(exitCode, output).toBe(0);
    console.info(`the lock was held for ${output.match(/\d+/g)?.join(" s and ")} s`);
    expect(output.match(/held/g)).toHaveLength(2);
    expect(activations()).toBe(2);
    for (const [name, pem] of pems) expect(on.loaded(name)).toBe(pem);
    expect(new Set(Object.values(on.result()).map(({ status }) => status))).toEqual(new Set(["ok"]));
  });

  it("WHEN one of them is renewed THEN the files of that row alone are touched, and there is one reload", async () => {
    const before = inodes();
    const row = ROWS[123] as Row;
    const pem = await on.order(row);
    expect(await on.run(["install"])).toEqual({ exitCode: 0, output: "" });
    expect(activations()).toBe(1);
    const changed = Object.entries(inodes()).filter(([path, inode]) => before[path] !== inode);
    const { served, filed } = on.pathsOf(row.names[0]);
    expect(changed.map(([path]) => path.replace(/\/$/, "")).sort()).toEqual(
      ["/etc/served", filed.replace(/\/[^/]*$/, ""), filed, served].sort(),
    );
    expect(row.names.map((name) => on.loaded(name))).toEqual(Array(4).fill(pem));
  });

  it("WHEN nothing is due THEN nothing is touched", async () => {
    const before = [inodes(), on.ledgerText()];
    expect(await on.run(["install"])).toEqual({ exitCode: 0, output: "" });
    expect([inodes(), on.ledgerText()]).toEqual(before);
    expect(on.calls()).toEqual([]);
  });
});
