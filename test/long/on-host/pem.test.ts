import { afterAll, beforeAll, expect, it } from "vitest";
import { inspectCombinedPem } from "../../../lib/shared/combined-pem";
import { parseHostName } from "../../../lib/shared/host-name";
import { RenewalHost } from "../../on-host/renewal/support/renewal-host";
import { type IssueOptions, issue } from "../../support/certificates";
import { OddPems, oddPems } from "../../support/odd-pems";
import { describeIf, openssl } from "../../support/requirements";

/** A key and a chain as dehydrated might have them. The row's name is that of the case, below `.test`. */
interface Case {
  readonly key: string;
  readonly chain: string;
}

const HOUR = 3_600_000;
const later = new Date(Date.now() + 24 * HOUR);

async function cases(odd: OddPems): Promise<Record<string, Case>> {
  const root = await issue({ subject: "CN=root", ca: true, notAfter: later });
  const middle = await issue({ subject: "CN=middle", ca: true, issuer: root, notAfter: later });
  const other = await issue({ subject: "CN=other", ca: true, notAfter: later });
  const oldMiddle = await issue({
    subject: "CN=middle",
    ca: true,
    issuer: root,
    keys: middle.keys,
    notAfter: new Date(Date.now() - HOUR / 2),
  });
  const noCa = await issue({ subject: "CN=middle", issuer: root, keys: middle.keys, notAfter: later });
  const leaf = (name: string, options: IssueOptions = {}) =>
    issue({ subject: `CN=${name}`, issuer: middle, dnsNames: [`${name}.test`], ...options });
  const found: Record<string, Case> = {};
  const add = async (name: string, options: IssueOptions, chain: (leaf: string) => string, key?: string) => {
    const made = await leaf(name, options);
    found[name] = { key: key ?? made.keyPem, chain: chain(made.pem) };
  };
  const usual = (pem: string) => pem + middle.pem;
  await add("good", {}, usual);
  await add("with-root", {}, (pem) => pem + middle.pem + root.pem);
  await add("alone", {}, (pem) => pem);
  await add("crlf", {}, (pem) => usual(pem).replaceAll("\n", "\r\n"));
  await add("text-between", {}, (pem) => `subject=CN\n${pem}\nissuer=CN\n${middle.pem}`);
  await add("upper-san", { dnsNames: ["UPPER-SAN.TEST"] }, usual);
  await add("wild", { dnsNames: ["*.test"] }, usual);
  await add("no-san", { dnsNames: [] }, usual);
  await add("other-san", { dnsNames: ["else.test"] }, usual);
  await add(
    "expired",
    { notBefore: new Date(Date.now() - 2 * HOUR), notAfter: new Date(Date.now() - HOUR) },
    usual,
  );
  await add("early", { notBefore: new Date(Date.now() + HOUR), notAfter: later }, usual);
  await add("client-only", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }, usual);
  await add("server", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] }, usual);
  await add("sha1", { digest: "SHA-1" }, usual);
  await add("broken-chain", {}, (pem) => pem + other.pem);
  await add("chain-order", {}, (pem) => pem + root.pem + middle.pem);
  await add("leaf-last", {}, (pem) => middle.pem + pem);
  await add("twice", {}, (pem) => pem + middle.pem + middle.pem);
  await add("expired-middle", {}, (pem) => pem + oldMiddle.pem);
  await add("middle-no-ca", {}, (pem) => pem + noCa.pem);
  await add("other-key", {}, usual, other.keyPem);
  await add("two-keys", {}, usual, middle.keyPem + other.keyPem);
  await add("no-key", {}, usual, "");
  await add("key-in-chain", {}, (pem) => pem + other.keyPem + middle.pem);
  await add(
    "other-block",
    {},
    (pem) => `${usual(pem)}-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n`,
  );
  await add("cut", {}, (pem) => pem.slice(0, pem.length / 2));
  await add("garbled", {}, (pem) => pem.replace(/[A-Za-z]{20}/, "!!!!!!!!!!!!!!!!!!!!") + middle.pem);
  await add("empty", {}, () => "");
  const end = "-----END PRIVATE KEY-----\n";
  for (const [name, pem] of Object.entries(oddPems(odd))) {
    const [key = "", chain = ""] = pem.split(end);
    found[name] = { key: key + end, chain };
  }
  return found;
}

describeIf(openssl, "a certificate of dehydrated", () => {
  let on: RenewalHost;
  const odd = new OddPems();
  beforeAll(() => {
    on = new RenewalHost();
  });
  afterAll(() => {
    on.remove();
    odd.remove();
  });

  it("THEN the program refuses what the provider refuses, and nothing else", async () => {
    const all = await cases(odd);
    on.declare(...Object.keys(all).map((name) => ({ names: [`${name}.test`] as const, alias: name })));
    for (const [name, { key, chain }] of Object.entries(all)) on.putOrdered(name, key, chain);
    const inspect = `begin && for row in ${Object.keys(all).join(" ")}; do inspect "$row"; done; finish; exit`;
    const { output } = await on.run(["install"], { prelude: inspect });
    const ofProgram = Object.fromEntries(
      output
        .trim()
        .split("\n")
        .map((line) => line.split("\t"))
        .map(([verdict, name = "", why]) => [name, verdict === "seen" ? "good" : `bad: ${why}`]),
    );
    const ofProvider = Object.fromEntries(
      Object.entries(all).map(([name, { key, chain }]) => {
        const inspection = inspectCombinedPem(key + chain, {
          names: [parseHostName(`${name}.test`)],
          at: new Date(),
        });
        return [name, inspection.ok ? "good" : `bad: ${inspection.problems.map(({ code }) => code).join()}`];
      }),
    );
    const differing = Object.keys(all).filter(
      (name) => ofProgram[name]?.slice(0, 3) !== ofProvider[name]?.slice(0, 3),
    );
    expect(differing.map((name) => [name, ofProgram[name], ofProvider[name]])).toEqual([]);
    expect(Object.values(ofProgram).filter((verdict) => verdict === "good").length).toBeGreaterThan(5);
  });
});
