import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { generateKey, privateKeyPem } from "../../../lib/provider/x509/key-algorithm";

const NEW = "the passphrase of today";
const OLD = "the passphrase of yesterday";
const OTHER = "the passphrase of somebody else";

let key: KeyObject;
let plain: string;
let underNew: string;
let underOld: string;
beforeAll(async () => {
  key = await generateKey("ECDSA-P256");
  plain = privateKeyPem(key);
  underNew = await new KeyPassphrases(NEW).seal(key);
  underOld = await new KeyPassphrases(OLD).seal(key);
});

const WRONG = expect.objectContaining({ code: "KEY_PASSPHRASE_WRONG" });
const LOCKED = expect.objectContaining({ code: "KEY_ENCRYPTED" });

/** What `work` returns, or what it throws. */
async function resultOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

describe("KeyPassphrases", () => {
  it("are taken out of the environment, so that no program of the provider's inherits them; empty ones are none", () => {
    const environment = {
      MAIL_SNI_KEY_PASSPHRASE: NEW,
      MAIL_SNI_KEY_PASSPHRASE_OLD: "",
      MAIL_SNI_OWN_KEY_PASSPHRASE: OTHER,
      HOME: "/root",
    };
    const passphrases = KeyPassphrases.takenFrom(environment);
    expect(environment).toEqual({ HOME: "/root" });
    expect(passphrases.open(underNew)).toBe(plain);
    expect(KeyPassphrases.takenFrom({ MAIL_SNI_KEY_PASSPHRASE: "" }).areGiven).toBe(false);
  });

  it("show in nothing that prints them", () => {
    const passphrases = new KeyPassphrases(NEW, OLD);
    expect(JSON.stringify(passphrases) + String(passphrases)).not.toContain("passphrase of");
  });

  it("seal with the passphrase, and leave a key as it is where there is none", async () => {
    expect(underNew).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(await new KeyPassphrases().seal(key)).toBe(plain);
    expect(await new KeyPassphrases(null, OLD).seal(key)).toBe(plain);
  });

  const cases: [string, () => KeyPassphrases, { plain: unknown; underNew: unknown; underOld: unknown }][] = [
    [
      "no passphrase",
      () => new KeyPassphrases(),
      { plain: "plain", underNew: "underNew", underOld: "underOld" },
    ],
    [
      "a passphrase",
      () => new KeyPassphrases(NEW),
      { plain: "underNew", underNew: "underNew", underOld: WRONG },
    ],
    [
      "both",
      () => new KeyPassphrases(NEW, OLD),
      { plain: "underNew", underNew: "underNew", underOld: "underNew" },
    ],
    [
      "the former alone",
      () => new KeyPassphrases(null, OLD),
      { plain: "plain", underNew: WRONG, underOld: "plain" },
    ],
    [
      "the passphrase of a user's own keys alone",
      () => new KeyPassphrases(null, null, NEW),
      { plain: "plain", underNew: "underNew", underOld: "underOld" },
    ],
    [
      "neither that is right",
      () => new KeyPassphrases(OTHER, `${OTHER}!`),
      { plain: expect.anything(), underNew: WRONG, underOld: WRONG },
    ],
  ];
  it.each(cases)(
    "GIVEN %s THEN a key of the state is resealed as it should be",
    async (_, make, expected) => {
      const keys = { plain, underNew, underOld };
      for (const [name, pem] of Object.entries(keys)) {
        const wanted = expected[name as keyof typeof keys];
        const result = await resultOf(() => make().reseal(pem));
        expect(result).toEqual(typeof wanted === "string" ? keys[wanted as keyof typeof keys] : wanted);
      }
    },
  );

  it("GIVEN one that has opened a key of the state THEN no other is opened, since that takes time", async () => {
    const passphrases = new KeyPassphrases(NEW);
    expect(await passphrases.reseal(underNew)).toBe(underNew);
    expect(await passphrases.reseal(underOld)).toBe(underOld);
  });

  it("GIVEN a user's own THEN it opens, encrypts nothing, and leaves the state's keys locked", async () => {
    const passphrases = new KeyPassphrases(null, null, OTHER);
    const own = await new KeyPassphrases(OTHER).seal(key);
    expect(passphrases.open(own)).toBe(plain);
    expect(await passphrases.seal(key)).toBe(plain);
    expect(passphrases.areGivenForState).toBe(false);
    expect(passphrases.isLocked(own)).toBe(false);
    expect(new KeyPassphrases(NEW, OLD, OTHER).open(own)).toBe(plain);
  });

  it("GIVEN a wrong one THEN the message has the variables that are set, and no others", async () => {
    for (const [passphrases, variables] of [
      [new KeyPassphrases(OTHER), "MAIL_SNI_KEY_PASSPHRASE."],
      [new KeyPassphrases(OTHER, OTHER), "MAIL_SNI_KEY_PASSPHRASE, MAIL_SNI_KEY_PASSPHRASE_OLD."],
      [new KeyPassphrases(null, null, OTHER), "MAIL_SNI_OWN_KEY_PASSPHRASE."],
    ] as const) {
      const error = await resultOf(() => passphrases.open(underNew));
      expect(String(error)).toContain(`decrypts it: ${variables}`);
    }
  });

  it("open with either, and say what is missing", async () => {
    for (const pem of [plain, underNew, underOld]) expect(new KeyPassphrases(NEW, OLD).open(pem)).toBe(plain);
    expect(new KeyPassphrases().open(plain)).toBe(plain);
    expect(await resultOf(() => new KeyPassphrases().open(underNew))).toEqual(LOCKED);
    expect(await resultOf(() => new KeyPassphrases(OTHER).open(underNew))).toEqual(WRONG);
    expect(new KeyPassphrases().isLocked(underNew)).toBe(true);
    expect(new KeyPassphrases(OTHER).isLocked(underNew)).toBe(false);
    expect(new KeyPassphrases().isLocked(plain)).toBe(false);
  });

  it.each(["pkcs1", "pkcs8"] as const)("open what a user has encrypted as %s", (type) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type, format: "pem", cipher: "aes-128-cbc", passphrase: NEW }).toString();
    const opened = new KeyPassphrases(NEW).open(pem);
    expect(createPrivateKey(opened).equals(privateKey)).toBe(true);
  });

  it("refuse a key that is cut as one that cannot be read", async () => {
    const cut = underNew.split("\n").toSpliced(2, 1).join("\n");
    expect(await resultOf(() => new KeyPassphrases(NEW).open(cut))).toEqual(
      expect.objectContaining({ code: "KEY_UNREADABLE" }),
    );
  });

  it("say nothing of damaged contents but that they cannot be opened", async () => {
    const damaged = underNew.replace(/.{8}(?=\n-----END)/, "AAAAAAAA");
    expect(await resultOf(() => new KeyPassphrases(NEW).open(damaged))).toEqual(WRONG);
  });

  const problemsOf = (passphrase: string) => {
    const diagnostics = new Diagnostics();
    new KeyPassphrases(passphrase, "short").validate(diagnostics);
    return diagnostics.all.map(({ summary, detail }) => `${summary}: ${detail}`);
  };

  it("refuse what can be guessed or was not meant so, without a byte of it", () => {
    expect(problemsOf(NEW)).toEqual([]);
    for (const wrong of ["fifteen bytes !", `${NEW}\n`, "x".repeat(1024)]) {
      const problems = problemsOf(wrong);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain("openssl rand -base64 32");
      expect(problems[0]).not.toContain(wrong.trim());
    }
  });
});
