import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findNode, NODE_VERSIONS } from "../../support/node-installation";
import { bundleDummy, ProviderProcess } from "../protocol/support/provider-process";

describe("a bundled provider that keeps its compiled code", () => {
  let place: string;
  let file: string;
  let home: string;
  beforeAll(async () => {
    place = mkdtempSync(join(homedir(), ".mail-sni-test-"));
    ({ file } = await bundleDummy(place));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  beforeEach(() => {
    home = mkdtempSync(join(place, "cache-"));
  });

  /** Starts it, and has it end as an engine does. @returns its exit status */
  async function run(env: Readonly<Record<string, string>> = {}): Promise<number | null> {
    const process = ProviderProcess.start(file, {
      env: { XDG_CACHE_HOME: home, NODE_DISABLE_COMPILE_CACHE: "", ...env },
    });
    const connection = await process.connect();
    await connection.call("plugin.GRPCController", "Shutdown", {});
    connection.close();
    return process.exited;
  }

  const directory = () => join(home, "mail-sni");
  const cached = () => readdirSync(directory()).map((name) => join(directory(), name));

  it("GIVEN no cache THEN it leaves one, and starts from that", async () => {
    expect(await run()).toBe(0);
    const [path] = cached();
    const before = readFileSync(String(path));
    expect(await run()).toBe(0);
    expect(cached()).toEqual([path]);
    expect(readFileSync(String(path))).toEqual(before);
  });

  it("GIVEN several starts at once THEN each works, and one whole file is left", async () => {
    expect(await Promise.all([run(), run(), run(), run()])).toEqual([0, 0, 0, 0]);
    expect(cached()).toHaveLength(1);
    expect(await run()).toBe(0);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["random bytes", () => Buffer.alloc(5000, "x")],
    ["bytes that V8 refuses, whole by their digest", () => withDigest(Buffer.alloc(5000, "x"))],
    ["nothing after the digest", () => withDigest(Buffer.alloc(0))],
    ["half of it", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ])("GIVEN %s in the file THEN it starts all the same, and replaces the file", async (_, spoil) => {
    await run();
    const [path] = cached() as [string];
    const whole = readFileSync(path);
    writeFileSync(path, spoil(whole));
    expect(await run()).toBe(0);
    expect(readFileSync(path).length).toBeGreaterThan(5032);
  });

  it("GIVEN a home that cannot be written to, or is a file, THEN it starts", async () => {
    chmodSync(home, 0o500);
    expect(await run()).toBe(0);
    expect(await run({ XDG_CACHE_HOME: file })).toBe(0);
    expect(await run({ XDG_CACHE_HOME: "/proc/self" })).toBe(0);
  });

  const others = NODE_VERSIONS.flatMap((version) => findNode(version) ?? []);
  it.each(others.filter((path) => path !== process.execPath))(
    "GIVEN %s THEN it leaves a file of its own, and starts from that",
    async (node) => {
      const PATH = `${join(node, "..")}:${process.env.PATH}`;
      expect(await run({ PATH })).toBe(0);
      expect(await run({ PATH })).toBe(0);
      await run();
      expect(cached()).toHaveLength(2);
    },
  );
});

function withDigest(code: Buffer): Buffer {
  return Buffer.concat([createHash("sha256").update(code).digest(), code]);
}
