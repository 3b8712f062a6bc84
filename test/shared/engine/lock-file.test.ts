import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lockedProvider, withLockEntry } from "../../../lib/shared/engine/lock-file";

const ENTRY = { source: "mail-sni.invalid/mail-sni/mailsni", version: "1.2.3-b0", hash: "h1:abc=" };

const OWN = `provider "mail-sni.invalid/mail-sni/mailsni" {
  version     = "1.2.3-b0"
  constraints = "1.2.3-b0"
  hashes = [
    "h1:abc=",
  ]
}
`;

function entry(source: string): string {
  return `provider "${source}" {
  version = "3.2.3" # kept by hand
  hashes = [
    "h1:I0Um8UkrMUb81Fxq/dxbr3HLP2cecTH2WMJiwKSrwQY=",
    "zh:00",
  ]
}
`;
}

const HEADER = `# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.
`;

describe("withLockEntry", () => {
  it("makes a file where there is none, as engines write it", () => {
    expect(withLockEntry(null, ENTRY)).toBe(`${HEADER}\n${OWN}`);
  });

  it("stands where engines put it, in the order of the addresses", () => {
    const before = entry("example.org/a/b");
    const behind = entry("registry.terraform.io/hashicorp/null");

    expect(withLockEntry(`${HEADER}\n${before}\n${behind}`, ENTRY)).toBe(
      `${HEADER}\n${before}\n${OWN}\n${behind}`,
    );
    expect(withLockEntry(`${HEADER}\n${before}`, ENTRY)).toBe(`${HEADER}\n${before}\n${OWN}`);
    expect(withLockEntry(`${HEADER}\n${behind}`, ENTRY)).toBe(`${HEADER}\n${OWN}\n${behind}`);
  });

  it("replaces the entry of another version in its place", () => {
    const old = OWN.replaceAll("1.2.3-b0", "1.0.0-b9").replace("h1:abc=", "h1:old=");
    const behind = entry("registry.terraform.io/hashicorp/null");

    expect(withLockEntry(`${HEADER}\n${old}\n${behind}`, ENTRY)).toBe(`${HEADER}\n${OWN}\n${behind}`);
  });

  it("replaces an entry without the version that it was constrained to", () => {
    const old = `provider "${ENTRY.source}" {\n  version = "1.0.0"\n}\n`;

    expect(withLockEntry(`${HEADER}\n${old}`, ENTRY)).toBe(`${HEADER}\n${OWN}`);
  });

  it("does not take another provider's address for its own", () => {
    const similar = entry("mail-sni.invalid/mail-sni/mailsni2");

    expect(withLockEntry(`${HEADER}\n${similar}`, ENTRY)).toBe(`${HEADER}\n${OWN}\n${similar}`);
  });

  it("leaves all other entries alone, byte for byte, and settles at once", () => {
    const source = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{2,3}\/[a-z]{1,4}\/[a-z]{1,4}$/);

    fc.assert(
      fc.property(fc.uniqueArray(source, { maxLength: 4 }), fc.boolean(), (sources, withOwn) => {
        const entries = [...sources, ...(withOwn ? [ENTRY.source] : [])].sort().map(entry);
        const once = withLockEntry([HEADER, ...entries].join("\n"), ENTRY);

        for (const other of sources) expect(once).toContain(entry(other));
        expect(once.split(OWN)).toHaveLength(2);
        expect(once.match(/^provider /gm)).toHaveLength(sources.length + 1);
        expect(withLockEntry(once, ENTRY)).toBe(once);
      }),
    );
  });

  it("GIVEN a hundred thousand empty lines THEN it is read in the time that lines take", () => {
    const empty = "\n".repeat(100_000);
    const text = `provider "${ENTRY.source}" {${empty}x`;
    expect(withLockEntry(text, ENTRY)).toBe(`${text}\n\n${OWN}`);
  }, 5_000);
});

describe("lockedProvider", () => {
  it("GIVEN an entry among others THEN its version and its hashes", () => {
    const text = `${HEADER}\n${entry("example.org/a/b")}\n${OWN}`;
    expect(lockedProvider(text, ENTRY.source)).toEqual({ version: "1.2.3-b0", hashes: ["h1:abc="] });
    expect(lockedProvider(text, "example.org/a/b")).toEqual({
      version: "3.2.3",
      hashes: ["h1:I0Um8UkrMUb81Fxq/dxbr3HLP2cecTH2WMJiwKSrwQY=", "zh:00"],
    });
  });

  it("GIVEN no entry, or one that does not end THEN null", () => {
    expect(lockedProvider(HEADER, ENTRY.source)).toBeNull();
    expect(lockedProvider(OWN.slice(0, -2), ENTRY.source)).toBeNull();
  });

  it("reads what `withLockEntry` writes, whatever was there", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(lockedProvider(withLockEntry(text, ENTRY), ENTRY.source)?.hashes).toContain(ENTRY.hash);
      }),
    );
  });
});
