import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../../lib/cli/program";
import { type IssuedCertificate, issue } from "../../support/certificates";
import { testIo } from "../support/io";
import { TlsServers } from "../support/tls-servers";

const NAMES = Array.from({ length: 200 }, (_, index) => `name${index}.domain1.tld`);

const servers = new TlsServers();
let directory: string;
let root: IssuedCertificate;
let port: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-slow-"));
  root = await issue({ subject: "CN=Root", ca: true });
  writeFileSync(join(directory, "root.pem"), root.pem);
  port = await servers.start({ leaf: await issue({ issuer: root, dnsNames: ["*.domain1.tld"] }) });
});

afterAll(async () => {
  await servers.close();
  rmSync(directory, { recursive: true });
});

/** Takes one piece at a time, and each of them more slowly than a handshake with this machine. */
class SlowReader extends Writable {
  text = "";
  /** The most bytes that were queued at any time. */
  mostQueued = 0;
  longestPiece = 0;

  constructor() {
    super({ highWaterMark: 4096 });
  }

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += piece.toString();
    this.mostQueued = Math.max(this.mostQueued, this.writableLength);
    this.longestPiece = Math.max(this.longestPiece, piece.length);
    setTimeout(done, 8);
  }
}

async function readSlowly(...options: string[]): Promise<SlowReader> {
  const stdout = new SlowReader();
  const trust = ["--no-system-roots", "--ca", join(directory, "root.pem")];
  const where = ["--connect", "127.0.0.1", "--ports", `${port}:tls`];
  await run(["verify", ...NAMES, ...trust, ...where, ...options], testIo({ stdout }), "1.2.3");
  await new Promise<void>((written) => stdout.end(written));
  return stdout;
}

describe("a reader of standard output that is slower than the servers", () => {
  it.each([["--json"], ["--show-commands"]])(
    "GIVEN %s THEN little waits in memory, and the reader gets all",
    async (option) => {
      const reader = await readSlowly(option);
      expect(NAMES.filter((name) => !reader.text.includes(name))).toEqual([]);
      expect(reader.text.length).toBeGreaterThan(reader.writableHighWaterMark * 2);
      expect(reader.mostQueued).toBeLessThan(reader.writableHighWaterMark + reader.longestPiece + 1);
    },
    30_000,
  );
});
