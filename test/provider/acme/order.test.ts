import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AcmeAccount, registerAccount } from "../../../lib/provider/acme/account";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { HttpWebroot } from "../../../lib/provider/acme/http-webroot";
import { orderCertificate } from "../../../lib/provider/acme/order";
import { type SuggestedRenewal, suggestedRenewal } from "../../../lib/provider/acme/renewal-information";
import { revoke } from "../../../lib/provider/acme/revocation";
import type { Solver } from "../../../lib/provider/acme/solver";
import { certificateRequest } from "../../../lib/provider/x509/certificate-request";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { renewalInformationId } from "../../../lib/provider/x509/renewal-information-id";
import { NameServers } from "../../../lib/shared/dns/name-servers";
import type { HostName } from "../../../lib/shared/host-name";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { type Answer, LyingCa } from "../../support/lying-ca";
import { AGAIN_AFTER_REUSE, Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { webHostOf } from "./support/web-host";

describeIf(pebbleIsThere, "an order", () => {
  let pebble: Pebble;
  let account: AcmeAccount;
  let directories: AcmeDirectories;

  beforeAll(async () => {
    pebble = await Pebble.start();
    directories = new AcmeDirectories();
    const directory = directories.directory(pebble.directoryUrl, pebble.directoryCaPem);
    const key = await generateKey("ECDSA-P256");
    const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };
    account = directories.account(directory, (await registerAccount(directory, key, registration)).url, key);
  });
  afterEach(() => pebble.forgetRequests());
  afterAll(async () => {
    directories.close();
    await pebble.stop();
  });

  const webroot = (nameServers: NameServers | null = new NameServers([pebble.dnsServer])) =>
    new HttpWebroot("", [webHostOf(pebble.web)], nameServers);

  async function order(names: readonly string[], options: { solver?: Solver; replaces?: string } = {}) {
    const key = await generateKey("ECDSA-P256");
    const csr = await certificateRequest(names as HostName[], key);
    const { solver = webroot(), replaces = null } = options;
    const issued = await orderCertificate(account, { names, csr, solver, profile: null, replaces });
    return { ...issued, key, leaf: new X509Certificate(issued.byDefault) };
  }

  it("ends in a certificate for the names and the key, and with no token left behind", async () => {
    const { leaf, key, byDefault, warnings } = await order(["one.test", "imap.one.test"]);
    expect(leaf.checkPrivateKey(key)).toBe(true);
    expect(leaf.subjectAltName).toBe("DNS:one.test, DNS:imap.one.test");
    expect(byDefault.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(pebble.web.tokens).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("has each name proven once, however many want it at once", async () => {
    await Promise.all([order(["shared.test", "a.test"]), order(["shared.test", "b.test"])]);
    const asked = pebble.web.requests.filter((url) => url.startsWith("shared.test/"));
    const tokens = new Set(asked);
    expect(tokens.size).toBe(1);
  });

  it("GIVEN a name and its wildcard in two orders THEN one at a time has to do with their TXT record", async () => {
    const done: string[] = [];
    const solver: Solver = {
      type: "dns-01",
      async present([challenge]) {
        done.push(`present ${challenge?.name}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
        throw new AcmeFailure("Enough has been seen.", "");
      },
      async withdraw([challenge]) {
        done.push(`withdraw ${challenge?.name}`);
        return [];
      },
    };
    await Promise.allSettled([order(["*.wild.test"], { solver }), order(["wild.test"], { solver })]);
    const once = ["present wild.test", "withdraw wild.test"];
    expect(done).toEqual([...once, ...once]);
  });

  it("is refused with the name and the reason, where DNS leads elsewhere, and the CA is not asked", async () => {
    await pebble.setDns("elsewhere.test", { type: "a", addresses: ["127.0.0.1"] });
    pebble.forgetRequests();
    await expect(order(["elsewhere.test"])).rejects.toMatchObject({
      message: expect.stringMatching(/elsewhere\.test: 127\.0\.0\.1 \(port 80\) (cannot be reached|answers)/),
      remedy: expect.stringContaining("port 80"),
    });
    expect([...pebble.requests.keys()].filter((what) => what.includes("chalZ"))).toEqual([]);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("says what the CA has found, for every name that failed", async () => {
    const solver: Solver = { type: "http-01", present: async () => [], withdraw: async () => [] };
    const failure = order(["c.test", "d.test"], { solver });
    await expect(failure).rejects.toMatchObject({
      name: "AcmeFailure",
      message: expect.stringMatching(/c\.test: .*d\.test: /s),
      problem: { kind: expect.stringMatching(/unauthorized|incorrectResponse/) },
    });
  });

  it("takes the tokens away where it fails", async () => {
    await pebble.setDns("elsewhere.test", { type: "a", addresses: ["127.0.0.1"] });
    await expect(order(["elsewhere.test"], { solver: webroot(null) })).rejects.toMatchObject({
      message: expect.stringContaining("elsewhere.test: "),
    });
    expect(pebble.web.tokens).toEqual([]);
  });

  it("tells with a failure what could not be taken away", async () => {
    const solver: Solver = {
      type: "http-01",
      present: async () => {
        throw new AcmeFailure("There is no way.", "Make one.");
      },
      withdraw: async () => ["A file stays."],
    };
    const failure = order(["left.test"], { solver });
    await expect(failure).rejects.toMatchObject({
      message: "There is no way. A file stays.",
      remedy: "Make one.",
    });
  });

  it("tells which name the CA does not issue for", async () => {
    await expect(order(["ok.test", "blocked.test"])).rejects.toMatchObject({
      message: expect.stringContaining("blocked.test"),
      problem: { kind: "rejectedIdentifier" },
    });
  });

  it("gives alternative chains to who asks for them", async () => {
    const { alternatives, byDefault } = await order(["one.test"]);
    const { chains, problems } = await alternatives();
    expect(chains).toEqual([
      expect.stringMatching(/^(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n){2}$/),
    ]);
    expect(chains).not.toContain(byDefault);
    expect(problems).toEqual([]);
  });

  it("replaces a certificate, of which the CA says when that is due", async () => {
    const first = await order(["ari.test"]);
    const id = renewalInformationId(first.byDefault) as string;
    const { at: due } = (await suggestedRenewal(account.directory, id)) as SuggestedRenewal;
    const share = (+due - Date.parse(first.leaf.validFrom)) / (90 * 86_400_000);
    expect(share).toBeGreaterThan(0.64);
    expect(share).toBeLessThan(0.69);
    await order(["ari.test"], { replaces: id });
    // WHEN it was replaced already, THEN it is an order like any other.
    await order(["ari.test"], { replaces: id });
    expect(pebble.log.match(/has been marked as replaced/g)).toHaveLength(1);
  });

  it("can be revoked with its own key, twice as well", async () => {
    const { byDefault, key, leaf } = await order(["revoked.test"]);
    await revoke(account.directory, byDefault, key, "superseded");
    await revoke(account.directory, byDefault, key, "superseded");
    expect(await pebble.revocation(leaf.serialNumber)).toMatch(/Revoked/);
  });

  it("costs so many requests and no more, for four names that are new", async () => {
    await order(["w.test", "x.test", "y.test", "z.test"]);
    const posts = [...pebble.requests].filter(([what]) => !what.includes("nonce"));
    const total = posts.reduce((sum, [, count]) => sum + count, 0);
    // newOrder, 4 × (look, tell), finalise, download, and asking twice until a thing is over: 14, on a busy machine a few more;
    // and some for refused nonces.
    expect(total).toBeLessThanOrEqual(24);
  });
});

describeIf(pebbleIsThere, "a CA that wants every name to be proven for every order", () => {
  it("gets that, also where several orders want a name at once", AGAIN_AFTER_REUSE, async () => {
    const pebble = await Pebble.start({ reusesAuthorisations: false, badNonces: 20 });
    const directories = new AcmeDirectories();
    try {
      const directory = directories.directory(pebble.directoryUrl, pebble.directoryCaPem);
      const key = await generateKey("ECDSA-P256");
      const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };
      const account = directories.account(
        directory,
        (await registerAccount(directory, key, registration)).url,
        key,
      );
      const solver = new HttpWebroot("", [webHostOf(pebble.web)], new NameServers([pebble.dnsServer]));
      const orders = ["a.test", "b.test", "c.test"].map(async (own) => {
        const names = [own, "shared.test"];
        const csr = await certificateRequest(names as HostName[], await generateKey("ECDSA-P256"));
        return orderCertificate(account, { names, csr, solver, profile: null, replaces: null });
      });
      await Promise.all(orders);
      const tokens = new Set(pebble.web.requests.filter((url) => url.startsWith("shared.test/")));
      expect(tokens.size).toBe(3);
      expect(pebble.web.tokens).toEqual([]);
    } finally {
      directories.close();
      await pebble.stop();
    }
  });
});

describe("a CA that takes its time to make an order ready whose names were all validated before", () => {
  it("is asked to finalise it then, and not before", async () => {
    const ca = await LyingCa.start();
    const directories = new AcmeDirectories(acmeTimeouts({ orderMs: 500 }));
    try {
      const as = (answer: Answer, status: string) => ({
        ...answer,
        body: JSON.stringify({ ...JSON.parse(answer.body), status }),
      });
      let isFinal = false;
      const isReady = () => ca.count("order status") >= 3;
      const notReady = JSON.stringify({ type: "urn:ietf:params:acme:error:orderNotReady" });
      ca.lies.push(
        { at: "authorization", change: (answer) => as(answer, "valid") },
        {
          at: "order status",
          change: (answer) => (isFinal ? answer : as(answer, isReady() ? "ready" : "pending")),
        },
        {
          at: "finalize",
          change: (answer) => {
            isFinal = isReady();
            return isFinal ? answer : { ...answer, status: 403, body: notReady };
          },
        },
      );
      const directory = directories.directory(ca.directoryUrl, ca.directoryCaPem);
      const account = directories.account(
        directory,
        `${ca.origin}/account/1`,
        await generateKey("ECDSA-P256"),
      );
      const names = ["domain1.tld"];
      const csr = await certificateRequest(names as HostName[], await generateKey("ECDSA-P256"));
      const solver = new HttpWebroot("", [], null);
      const { byDefault } = await orderCertificate(account, {
        names,
        csr,
        solver,
        profile: null,
        replaces: null,
      });
      expect(new X509Certificate(byDefault).subjectAltName).toBe("DNS:domain1.tld");
      expect(ca.count("finalize")).toBe(1);
    } finally {
      directories.close();
      await ca.close();
    }
  });
});
