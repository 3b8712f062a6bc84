import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Token } from "cdktf";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  type DehydratedSettings,
  dehydratedConfig,
} from "../../../../lib/constructs/host/renewal/dehydrated-config";
import { RenewalFiles } from "../../../../lib/constructs/host/renewal/renewal-files";

const files = new RenewalFiles("/etc/mail-sni/dehydrated", "/var/lib/mail-sni/dehydrated");
const settings: DehydratedSettings = {
  directoryUrl: "https://ca.tld/dir",
  challenge: { wellKnown: "/var/www/.well-known/acme-challenge" },
  keyAlgorithm: "prime256v1",
  keySize: 4096,
  reuseKey: false,
  renewBeforeDays: 30,
};

const scratch = mkdtempSync(join(tmpdir(), "mail-sni-config-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The variables that bash has after it has sourced a configuration, as dehydrated does. */
function sourced(config: string, names: readonly string[]): Record<string, string | undefined> {
  const path = join(scratch, "config");
  writeFileSync(path, config);
  const print = names.map((name) => `printf '%s\\0' "${name}=\${${name}-(unset)}"`).join("; ");
  const { stdout, stderr, status } = spawnSync("bash", ["-euc", `. "$1"; ${print}`, "bash", path], {
    encoding: "utf8",
    cwd: scratch,
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const values = stdout.split("\0").slice(0, -1);
  return Object.fromEntries(values.map((each) => [each.split("=", 1)[0], each.slice(each.indexOf("=") + 1)]));
}

describe("dehydrated's configuration", () => {
  it("GIVEN the least THEN bash has what 0.7.0 reads, and nothing of later versions", () => {
    const names = [
      "BASEDIR",
      "DOMAINS_TXT",
      "HOOK",
      "CA",
      "CHALLENGETYPE",
      "WELLKNOWN",
      "KEY_ALGO",
      "KEYSIZE",
    ];
    const more = ["PRIVATE_KEY_RENEW", "RENEW_DAYS", "ACME_PROFILE", "ORDER_TIMEOUT", "EAB_KID", "CURL_OPTS"];
    expect(sourced(dehydratedConfig(settings, files), [...names, ...more])).toEqual({
      BASEDIR: "/var/lib/mail-sni/dehydrated",
      DOMAINS_TXT: "/etc/mail-sni/dehydrated/domains.txt",
      HOOK: "/etc/mail-sni/dehydrated/renewal",
      CA: "https://ca.tld/dir",
      CHALLENGETYPE: "http-01",
      WELLKNOWN: "/var/lib/mail-sni/dehydrated/tokens",
      KEY_ALGO: "prime256v1",
      KEYSIZE: "4096",
      PRIVATE_KEY_RENEW: "yes",
      RENEW_DAYS: "30",
      ACME_PROFILE: "(unset)",
      ORDER_TIMEOUT: "(unset)",
      EAB_KID: "(unset)",
      CURL_OPTS: "--connect-timeout 60 --max-time 600",
    });
  });

  it("GIVEN everything THEN bash has all of it", () => {
    const config = dehydratedConfig(
      {
        ...settings,
        challenge: { hook: "/usr/local/bin/dns", chain: true },
        contact: "x@a.tld",
        reuseKey: true,
        preferredChain: "Root X1",
        profile: "tlsserver",
        ipVersion: "6",
        orderTimeoutSeconds: 90,
        caCertificate: "PEM",
        externalAccount: { keyId: "kid-1", hmacKeyFile: join(scratch, "none") },
      },
      files,
    );
    expect(
      sourced(config, [
        "CHALLENGETYPE",
        "WELLKNOWN",
        "HOOK",
        "HOOK_CHAIN",
        "CONTACT_EMAIL",
        "PRIVATE_KEY_RENEW",
        "PREFERRED_CHAIN",
        "ACME_PROFILE",
        "IP_VERSION",
        "ORDER_TIMEOUT",
        "CURL_OPTS",
        "EAB_KID",
        "EAB_HMAC_KEY",
      ]),
    ).toEqual({
      CHALLENGETYPE: "dns-01",
      WELLKNOWN: "(unset)",
      HOOK: "/etc/mail-sni/dehydrated/renewal",
      HOOK_CHAIN: "yes",
      CONTACT_EMAIL: "x@a.tld",
      PRIVATE_KEY_RENEW: "no",
      PREFERRED_CHAIN: "Root X1",
      ACME_PROFILE: "tlsserver",
      IP_VERSION: "6",
      ORDER_TIMEOUT: "90",
      CURL_OPTS: "--connect-timeout 60 --max-time 600 --cacert /etc/mail-sni/dehydrated/ca.pem",
      EAB_KID: "kid-1",
      EAB_HMAC_KEY: "(unset)",
    });
  });

  it("GIVEN a file with the key of an external account THEN the configuration names the file, and bash reads it", () => {
    const hmacKeyFile = join(scratch, "hmac");
    writeFileSync(hmacKeyFile, "c2VjcmV0\n");
    const config = dehydratedConfig({ ...settings, externalAccount: { keyId: "kid", hmacKeyFile } }, files);
    expect(config).not.toContain("c2VjcmV0");
    expect(sourced(config, ["EAB_HMAC_KEY"])).toEqual({ EAB_HMAC_KEY: "c2VjcmV0" });
  });

  it("GIVEN any chain's name THEN bash has it as it is, or it is refused", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom(
        "'",
        "$(touch x)",
        "`touch x`",
        '"; touch x; "',
        "a\\",
        "!!",
        "${HOME}",
        "~",
        "*",
        "-n",
      ),
    );
    fc.assert(
      fc.property(hostile, (preferredChain) => {
        const config = refusal(() => dehydratedConfig({ ...settings, preferredChain }, files));
        if (config.refused) expect(preferredChain).toMatch(/\p{Cc}/u);
        else expect(sourced(config.text, ["PREFERRED_CHAIN", "CA"]).PREFERRED_CHAIN).toBe(preferredChain);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['x"@a.tld', "x\\@a.tld", "x\n@a.tld", "x y@a.tld", "x\0@a.tld"])(
    "GIVEN the contact %j, which dehydrated would put into JSON as it is THEN refused",
    (contact) => {
      expect(() => dehydratedConfig({ ...settings, contact }, files)).toThrow(/\[DEHYDRATED_VALUE\]$/);
    },
  );

  it.each(["profile", "preferredChain", "directoryUrl"] as const)(
    "GIVEN an expression as %s THEN refused: no shell could read it",
    (name) => {
      const value = Token.asString({ resolve: () => "x" });
      expect(() => dehydratedConfig({ ...settings, [name]: value }, files)).toThrow(
        /\[DEHYDRATED_NOT_LITERAL\]$/,
      );
    },
  );
});

function refusal(make: () => string): { refused: true } | { refused: false; text: string } {
  try {
    return { refused: false, text: make() };
  } catch (error) {
    expect((error as { code?: string }).code).toBe("DEHYDRATED_VALUE");
    return { refused: true };
  }
}
