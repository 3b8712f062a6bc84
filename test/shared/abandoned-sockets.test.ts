import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { removeAbandonedSockets, type SocketDirectories } from "../../lib/shared/abandoned-sockets";

const LISTENS = `require("node:net").createServer().listen(process.argv[1], () => console.log("listening"))`;

const OWN = "plugin-ownown";

describe("removeAbandonedSockets", () => {
  let parent: string;
  let servers: Server[];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "mail-sni-sockets-"));
    mkdirSync(join(parent, OWN));
    servers = [];
  });
  afterEach(() => {
    for (const server of servers) server.close();
    rmSync(parent, { recursive: true, force: true });
  });

  function directory(name: string, files: readonly string[] = []): string {
    const path = join(parent, name);
    mkdirSync(path);
    for (const file of files) writeFileSync(join(path, file), "");
    return path;
  }

  /** A socket whose process was killed. */
  async function abandoned(path: string): Promise<void> {
    const child = spawn(process.execPath, ["-e", LISTENS, join(path, "s")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
  }

  async function listenedOn(path: string): Promise<void> {
    const server = createServer().listen(join(path, "s"));
    servers.push(server);
    await once(server, "listening");
  }

  const anHourAgo = Date.now() / 1000 - 3600;
  const age = (path: string) => utimesSync(path, anHourAgo, anHourAgo);
  const remove = (more: Partial<SocketDirectories> = {}) =>
    removeAbandonedSockets({ own: join(parent, OWN), prefix: "plugin-", socket: "s", ...more });

  it("GIVEN a directory whose process was killed THEN it goes; GIVEN one that listens THEN it stays", async () => {
    const [dead, alive] = [directory("plugin-aaaaaa"), directory("plugin-bbbbbb")];
    await abandoned(dead);
    await listenedOn(alive);
    for (const path of [dead, alive]) age(path);
    await remove();
    expect([dead, alive].map(existsSync)).toEqual([false, true]);
  });

  it("GIVEN one that is young THEN it stays: its process may be about to listen", async () => {
    const young = directory("plugin-aaaaaa");
    await abandoned(young);
    await remove();
    expect(existsSync(young)).toBe(true);
  });

  it("GIVEN a clock of this process that runs ahead THEN what is young stays all the same", async () => {
    const young = directory("plugin-aaaaaa", ["known_hosts"]);
    vi.useFakeTimers({ now: Date.now() + 86_400_000, toFake: ["Date"] });
    await remove({ others: /^known_hosts$/, mayLackSocket: true });
    vi.useRealTimers();
    expect([young, join(parent, OWN)].map(existsSync)).toEqual([true, true]);
  });

  it("GIVEN one without its socket THEN it goes only where that is said", async () => {
    const bare = directory("plugin-aaaaaa", ["known_hosts"]);
    age(bare);
    await remove({ others: /^known_hosts$/ });
    expect(existsSync(bare)).toBe(true);
    await remove({ others: /^known_hosts$/, mayLackSocket: true });
    expect(existsSync(bare)).toBe(false);
  });

  it("GIVEN a similar name, a link, a file, or a directory with other contents THEN it stays", async () => {
    const precious = directory("precious", ["s"]);
    const others = [
      directory("plugin-aaaaaa", ["report.txt"]),
      directory("plugin-longer1"),
      directory("xplugin-aaaaaa"),
    ];
    symlinkSync(precious, join(parent, "plugin-cccccc"));
    writeFileSync(join(parent, "plugin-dddddd"), "");
    for (const path of [precious, ...others]) age(path);
    await remove({ mayLackSocket: true });
    expect([...others, join(precious, "s"), join(parent, "plugin-dddddd")].map(existsSync)).not.toContain(
      false,
    );
  });

  it("GIVEN a place in which others can exchange what is there THEN nothing is touched", async () => {
    const dead = directory("plugin-aaaaaa");
    await abandoned(dead);
    age(dead);
    chmodSync(parent, 0o777);
    await remove();
    expect(existsSync(dead)).toBe(true);
    chmodSync(parent, 0o1777);
    await remove();
    expect(existsSync(dead)).toBe(false);
  });

  it("GIVEN a missing directory THEN there is no error", async () => {
    await expect(remove({ own: join(parent, "missing", OWN) })).resolves.toBeUndefined();
  });
});
