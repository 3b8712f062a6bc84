import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type TestCa, testCa } from "../../cli/import/support/article";
import { about, codesOf, type Imported } from "../../cli/import/support/imported";
import { engineOfSuites } from "../../e2e/served/engine-choice";
import { ownNetworks } from "../../support/cuttable-network";
import { dovecot23, sshd } from "../../support/machine";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { type Block, ClientHost, fingerprintIn, namesOf } from "./client-host";
import { CLIENT_TREES } from "./client-trees";
import { type Left, type OrderedPair, orderedElsewhere } from "./ordered-elsewhere";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 1_800_000 });

const DAY = 86_400_000;
/** With 300 it takes twenty minutes. */
const COUNT = Number(process.env.MAIL_SNI_CLIENT_TREES ?? 4);
const NEEDED = [dovecot23, engineOfSuites.requirement, pebbleIsThere, sshd, ownNetworks];

/** What the report says of a host where nothing is wrong but that a client renews. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  certbot: ["renewer", "webroot"],
  lego: ["ca-unknown", "hook", "renewer", "webroot"],
  "acme.sh": ["hook", "renewer", "webroot"],
};

for (const tree of CLIENT_TREES) {
  describeIf(NEEDED, `taking over ${COUNT} domains of ${tree.name}`, () => {
    const domains = Array.from({ length: COUNT }, (_, index) => `domain${index + 1}.test`);
    let host: ClientHost;
    let left: Left;
    let stack: Imported;

    beforeAll(async () => {
      host = await ClientHost.start(tree, engineOfSuites.get());
      left = await orderedElsewhere(host.pebble, {
        accountKey: host.accountKey,
        names: new Map(domains.map((domain) => [domain, namesOf(domain)])),
      });
      host.writeTree(
        [...left.certificates].map(([title, pair]) => ({ title, names: namesOf(title), versions: [pair] })),
      );
      await host.startDovecot(domains.map((domain) => ({ names: namesOf(domain), ...tree.pairOf(domain) })));
    });
    afterAll(() => host?.stop());

    const keys = () => join(host.project.place, "keys");
    const expected = () =>
      new Map(
        [...left.certificates].flatMap(([domain, { fullChain }]) =>
          namesOf(domain).map((name) => [name, fingerprintIn(fullChain)] as const),
        ),
      );

    it("WHEN it is imported THEN the printed program adopts every certificate and the account", async () => {
      stack = await host.import("--with-keys", keys());
      expect(stack.domains.map(({ domain }) => domain).sort()).toEqual([...domains].sort());
      expect(codesOf(stack)).toEqual(CODES[tree.name]);
      expect(stack.stack).toContain(`adoptAccountKey: "${keys()}/account.key"`);
      host.project.synth(host.decided(stack));
    });

    it("WHEN the printed program is deployed THEN nothing is ordered, and no client is presented another certificate", async () => {
      host.pebble.forgetRequests();
      const { result, wrong, asked } = await host.polled(expected(), () => host.project.apply());
      expect([result.errors, result.warnings]).toEqual([[], []]);
      expect(wrong).toEqual([]);
      expect(asked).toBeGreaterThan(10);
      expect(host.orders).toBe(0);
      for (const [name, fingerprint] of expected())
        expect((await host.presented(name)).fingerprint, name).toBe(fingerprint);
    });

    it("THEN nothing is left to do, and another deploy does not reload Dovecot", async () => {
      const before = host.reloads;
      expect(before).toBeGreaterThan(0);
      expect(await host.project.plan()).toMatchObject({ exitCode: 0 });
      expect(await host.project.apply()).toMatchObject({ exitCode: 0 });
      expect(host.reloads).toBe(before);
    });

    it("THEN the client is switched off, and another import finds the names served", async () => {
      const again = await host.import();
      expect(codesOf(again).filter((code) => /^(renewer|served|pem|default)/.test(code))).toEqual([]);
    });
  });
}

/** Each domain of the faulty tree, and what is wrong with it: the code of its finding, and whether it has to be ordered. */
const PLANTED = {
  "whole.test": null,
  "unlisted.test": "served-default",
  "stale.test": "pem-stale",
  "other.test": "served-other",
  "key.test": "pem-key-mismatch",
  "missing.test": "row-without-files",
  "rsa.test": "certificate-ordered",
  "expired.test": "pem-expired",
  "open.test": "key-readable",
} as const;
type Planted = keyof typeof PLANTED;
const ORDERED: readonly Planted[] = ["key.test", "missing.test", "rsa.test", "expired.test"];
const KEPT: readonly Planted[] = ["whole.test", "open.test"];

for (const tree of CLIENT_TREES) {
  describeIf(NEEDED, `taking over ${tree.name} with faults`, () => {
    let host: ClientHost;
    let stack: Imported;
    let ca: TestCa;
    const pairs = new Map<string, OrderedPair>();

    const pairFor = (domain: Planted) => pairs.get(domain) as OrderedPair;
    const twice = tree.name === "certbot" ? "whole.test-0001" : "imap.whole.test";

    async function order(keyAlgorithm: string, names: ReadonlyMap<string, readonly string[]>): Promise<void> {
      const ordered = await orderedElsewhere(host.pebble, {
        accountKey: host.accountKey,
        keyAlgorithm,
        names,
      });
      for (const [title, pair] of ordered.certificates) pairs.set(title, pair);
    }

    /** Of a CA that is forgotten. */
    async function expired(): Promise<OrderedPair> {
      const [from, to] = [new Date(Date.now() - 100 * DAY), new Date(Date.now() - 10 * DAY)];
      const leaf = await ca.leaf(namesOf("expired.test"), { notBefore: from, notAfter: to });
      return { fullChain: leaf.pem + ca.root.pem, key: leaf.keyPem };
    }

    function versionsOf(domain: Planted): readonly OrderedPair[] {
      const pair = pairFor(domain);
      if (domain === "stale.test") return [pairs.get("former") as OrderedPair, pair];
      return [domain === "key.test" ? { ...pair, key: pairFor("whole.test").key } : pair];
    }

    /** What servers are configured with; not what they cannot load. */
    function blocks(): Block[] {
      const former = { certificate: "/etc/dovecot/former.pem", key: "/etc/dovecot/former.key" };
      const own = (["whole.test", "rsa.test", "open.test"] as const).map((domain) => ({
        names: namesOf(domain),
        ...tree.pairOf(domain),
      }));
      const stale = tree.name === "acme.sh" ? tree.pairOf("stale.test") : former;
      return [
        ...own,
        { names: namesOf("stale.test"), ...stale },
        { names: namesOf("other.test"), ...tree.pairOf("whole.test") },
      ];
    }

    beforeAll(async () => {
      host = await ClientHost.start(tree, engineOfSuites.get());
      ca = await testCa();
      const titles = Object.keys(PLANTED) as Planted[];
      const ecdsa = titles.filter((title) => title !== "rsa.test" && title !== "expired.test");
      await order("ECDSA-P256", new Map([["former", namesOf("stale.test")]]));
      // Certificates tell their age in seconds.
      const { validFrom } = new X509Certificate(pairs.get("former")?.fullChain ?? "");
      await delay(Date.parse(validFrom) + 1000 - Date.now());
      const others = ecdsa.map((domain) => [domain, namesOf(domain)] as const);
      await order("ECDSA-P256", new Map([...others, [twice, ["imap.whole.test"]]]));
      await order("RSA-2048", new Map([["rsa.test", namesOf("rsa.test")]]));
      pairs.set("expired.test", await expired());
      host.writeTree([
        ...titles.map((title) => ({ title, names: namesOf(title), versions: versionsOf(title) })),
        { title: twice, names: ["imap.whole.test"], versions: [pairs.get(twice) as OrderedPair] },
      ]);
      const former = pairs.get("former") as OrderedPair;
      host.machine.write("/etc/dovecot/former.pem", former.fullChain);
      host.machine.write("/etc/dovecot/former.key", former.key, 0o600);
      host.open("open.test");
      host.loseKey("missing.test");
      await host.startDovecot(blocks());
    });
    afterAll(() => host?.stop());

    it("WHEN it is imported THEN the report names each fault, and the printed program is correct", async () => {
      stack = await host.import("--with-keys", join(host.project.place, "keys"));
      for (const [domain, code] of Object.entries(PLANTED)) {
        if (code !== null) expect(about(stack, code, domain).length, `${code} ${domain}`).toBeGreaterThan(0);
      }
      expect(about(stack, "name-twice", "imap.whole.test")).toHaveLength(1);
      expect(stack.domains.map(({ domain }) => domain).sort()).toEqual(Object.keys(PLANTED).sort());
      host.project.synth(host.ordering(host.decided(stack)));
    });

    it("WHEN it is deployed THEN what is whole stays, and nothing is ordered but what is missing or wrong", async () => {
      host.pebble.forgetRequests();
      const kept = new Map(
        KEPT.flatMap((domain) =>
          namesOf(domain).map((name) => [name, fingerprintIn(pairFor(domain).fullChain)] as const),
        ),
      );
      const { result, wrong } = await host.polled(kept, () => host.project.apply());
      expect(result.errors).toEqual([]);
      expect(wrong).toEqual([]);
      expect(host.orders).toBe(ORDERED.length);
      for (const domain of Object.keys(PLANTED) as Planted[]) {
        for (const name of namesOf(domain)) {
          const { fingerprint, names } = await host.presented(name);
          expect(names, name).toContain(name);
          if (!ORDERED.includes(domain))
            expect(fingerprint, name).toBe(fingerprintIn(pairFor(domain).fullChain));
        }
      }
      expect(await host.project.plan()).toMatchObject({ exitCode: 0 });
    });
  });
}
