import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rootsIn, systemRoots } from "../../../lib/cli/inputs/roots";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-roots-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function written(text: string): string {
  const path = join(directory, "roots.pem");
  writeFileSync(path, text);
  return path;
}

/** As many as a system has, which are more than any chain. */
const BUNDLE = rootCertificates.slice(0, 120).map((pem) => `${pem}\n`);

describe("systemRoots", () => {
  it("GIVEN a bundle of more than a hundred roots THEN all are trusted", () => {
    expect(BUNDLE).toHaveLength(120);
    expect(systemRoots([written(BUNDLE.join(""))])).toHaveLength(120);
  });

  it("GIVEN several files THEN the first that exists counts; GIVEN none THEN those of Node.js", () => {
    const path = written(BUNDLE.slice(0, 2).join(""));
    expect(systemRoots([join(directory, "none.pem"), path])).toHaveLength(2);
    expect(systemRoots([join(directory, "none.pem")]).length).toBeGreaterThan(100);
  });

  it("GIVEN a certificate that OpenSSL cannot read THEN the others are trusted", () => {
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    expect(systemRoots([written(broken + BUNDLE[0])])).toHaveLength(1);
  });

  it.each([
    ["no certificate in it", "", "there is no certificate in it"],
    ["more bytes than are read", "x".repeat(16 * 1024 * 1024 + 1), "more than 16777216 bytes"],
  ])("GIVEN a bundle with %s THEN that is said, and not that no server is trusted", (_, text, says) => {
    const read = () => systemRoots([written(text)]);
    expect(read).toThrow(says);
    expect(read).toThrow("[CLI_CA_UNREADABLE]");
  });

  it("GIVEN a bundle that is a directory THEN that is said", () => {
    expect(() => systemRoots([directory])).toThrow("[CLI_CA_UNREADABLE]");
  });
});

describe("rootsIn", () => {
  it("GIVEN a copy of the system's bundle THEN all of its roots are trusted", () => {
    expect(rootsIn(written(BUNDLE.join("")))).toHaveLength(120);
  });
});
