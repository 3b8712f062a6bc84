import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSocket,
  engineSpeaksProtocol,
  handshakeLine,
  isStartedByEngine,
} from "../../../../lib/provider/protocol/wire/handshake";
import { MAGIC_COOKIE } from "../support/provider-process";

describe("handshakeLine", () => {
  it("GIVEN a certificate of any length THEN the engine's decoder, which takes no padding, reads it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (der) => {
        const line = handshakeLine({}, "/tmp/s", der);
        const [, certificate] = /^1\|6\|unix\|\/tmp\/s\|grpc\|([A-Za-z0-9+/]+)\n$/.exec(line) ?? [];
        expect(Buffer.from(certificate ?? "", "base64")).toEqual(Buffer.from(der));
      }),
    );
  });

  it("GIVEN no TLS THEN the sixth field is empty", () => {
    expect(handshakeLine({}, "/tmp/s", null)).toBe("1|6|unix|/tmp/s|grpc|\n");
  });
});

describe("createSocket", () => {
  it("GIVEN a TMPDIR that is too long, missing, no directory, or has what the line cannot hold, THEN /tmp is used", () => {
    const odd = mkdtempSync(join(tmpdir(), "a|b-"));
    for (const parent of [join("/tmp", "d".repeat(90)), odd, "missing", "/etc/passwd"]) {
      const socket = createSocket({}, parent);
      expect(dirname(dirname(socket.path))).toBe("/tmp");
      expect(statSync(dirname(socket.path)).mode & 0o777).toBe(0o700);
      socket.remove();
      expect(() => statSync(dirname(socket.path))).toThrow("ENOENT");
    }
    rmSync(odd, { recursive: true });
  });

  it("GIVEN a TMPDIR in which others could exchange the socket's directory THEN /tmp is used", () => {
    const parent = mkdtempSync("/tmp/sni-");
    for (const [mode, expected] of [
      [0o777, "/tmp"],
      [0o775, "/tmp"],
      [0o1777, parent],
      [0o755, parent],
    ] as const) {
      chmodSync(parent, mode);
      const socket = createSocket({}, parent);
      expect(dirname(dirname(socket.path))).toBe(expected);
      socket.remove();
    }
    rmSync(parent, { recursive: true });
  });

  it("GIVEN a relative TMPDIR THEN the engine, which may look from elsewhere, is told the whole path", () => {
    const parent = mkdtempSync("/tmp/sni-");
    const socket = createSocket({}, relative(process.cwd(), parent));
    expect(dirname(dirname(socket.path))).toBe(parent);
    rmSync(parent, { recursive: true });
  });

  it("GIVEN a PLUGIN_UNIX_SOCKET_DIR that is too long THEN that is said", () => {
    const PLUGIN_UNIX_SOCKET_DIR = `/tmp/${"d".repeat(90)}`;
    expect(() => createSocket({ PLUGIN_UNIX_SOCKET_DIR })).toThrow("PLUGIN_UNIX_SOCKET_DIR is too long");
  });
});

describe("the engine's environment", () => {
  it.each([
    ["6,5", true],
    ["5,6", true],
    ["5", false],
    [undefined, true],
  ])("GIVEN protocol versions %s THEN protocol 6 is spoken: %s", (PLUGIN_PROTOCOL_VERSIONS, spoken) => {
    expect(engineSpeaksProtocol({ PLUGIN_PROTOCOL_VERSIONS })).toBe(spoken);
  });

  it("GIVEN the cookie THEN an engine is there; without it, or with another, THEN none", () => {
    expect(isStartedByEngine({ TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE })).toBe(true);
    expect(isStartedByEngine({ TF_PLUGIN_MAGIC_COOKIE: "x" })).toBe(false);
    expect(isStartedByEngine({})).toBe(false);
  });
});
