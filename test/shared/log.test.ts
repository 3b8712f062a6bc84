import { afterEach, describe, expect, it, vi } from "vitest";
import { log, logLine } from "../../lib/shared/log";
import { HOSTILE_WORDS, isPlain } from "../support/hostile-words";

describe("logLine", () => {
  const time = new Date("2026-01-02T03:04:05.678Z");

  it("THEN it is JSON that the engines read: six digits of a second, and their names for level and message", () => {
    expect(JSON.parse(logLine("warn", "Careful", { host: "mx1" }, time))).toEqual({
      "@level": "warn",
      "@message": "Careful",
      "@module": "provider",
      "@timestamp": "2026-01-02T03:04:05.678000Z",
      host: "mx1",
    });
  });

  it("GIVEN words of a host THEN what an engine makes of them does nothing to a terminal", () => {
    const line = JSON.parse(logLine("warn", HOSTILE_WORDS, { error: HOSTILE_WORDS }, time));
    expect(isPlain(line["@message"])).toBe(true);
    expect(isPlain(line.error)).toBe(true);
  });

  it.each([
    ["a long message", "x".repeat(1 << 20), {}],
    ["a long message that JSON makes longer", "\u0000".repeat(1 << 20), {}],
    ["a long field", "x", { error: "é".repeat(1 << 20) }],
  ])(
    "GIVEN %s THEN it is one line that the engines still parse, of less than 64 KiB",
    (_title, message, fields) => {
      const line = logLine("error", message, fields, time);
      expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024);
      expect(line).not.toContain("\n");
      expect(JSON.parse(line)["@level"]).toBe("error");
    },
  );
});

describe("log", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("GIVEN neither TF_LOG nor TF_LOG_PROVIDER THEN nothing is logged", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    log("error", "Unseen");
    expect(write).not.toHaveBeenCalled();

    vi.stubEnv("TF_LOG_PROVIDER", "debug");
    log("error", "Seen");
    expect(write).toHaveBeenCalledOnce();
  });
});
