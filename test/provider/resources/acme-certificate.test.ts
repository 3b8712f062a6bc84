import { X509Certificate } from "node:crypto";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { AcmeClient } from "../../../lib/provider/acme/client";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";
import { certificateValues, directoryOf, webrootChallenge } from "./support/acme-values";

const DAY = 86_400_000;

describeIf(pebbleIsThere, "mailsni_acme_certificate", () => {
  let pebble: Pebble;
  let directories: AcmeDirectories;
  let hosts: Hosts;
  let account: Values;

  beforeAll(async () => {
    pebble = await Pebble.start();
    directories = new AcmeDirectories(acmeTimeouts());
    const mx1 = {
      name: "mx1",
      root: dirname(pebble.web.directory),
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
    };
    hosts = new Hosts("mail", new Map([["mx1", mx1]]));
    const resource = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    const { state, diagnostics } = await resource.apply({ ...directory(), terms_of_service_agreed: true });
    expect(diagnostics).toEqual([]);
    account = state as Values;
  });
  beforeEach(() => {
    pebble.forgetRequests();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    await hosts.close();
    directories.close();
    await pebble.stop();
  });

  const directory = () => directoryOf(pebble);
  const challenge = (more: Values = {}) => webrootChallenge(pebble, more);
  const config = (names: readonly string[], more: Values = {}) =>
    certificateValues(pebble, account, names, more);

  const lifecycle = () => new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), hosts);

  async function issued(of: Values): Promise<ResourceLifecycle> {
    const certificate = lifecycle();
    expect((await certificate.apply(of)).diagnostics).toEqual([]);
    return certificate;
  }

  const leaf = ({ state }: ResourceLifecycle) => new X509Certificate(String(state?.certificate_pem));
  const orders = () => pebble.requests.get("POST /order-plz") ?? 0;

  it("is made for its names, with a key of its own, and asks for nothing but renewal information from then on", async () => {
    const of = config(["one.test", "imap.one.test"]);
    const certificate = await issued(of);
    const { state } = certificate;
    expect(leaf(certificate).subjectAltName).toBe("DNS:one.test, DNS:imap.one.test");
    expect(state).toMatchObject({ renewal_due: false, account_key_pem: null, dns_names: of.names });
    expect(Date.parse(String(state?.renew_at)) - Date.now()).toBeGreaterThan(58 * DAY);
    pebble.forgetRequests();
    expect(await certificate.read()).toMatchObject({ diagnostics: [] });
    expect((await certificate.plan(of)).action).toBe("no-op");
    expect([...pebble.requests.keys()]).toEqual([expect.stringContaining("renewalInfo")]);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("is reissued in place for another set of names, but not for another order or spelling", async () => {
    const certificate = await issued(config(["a.test", "b.test"]));
    const { serial } = certificate.state as Values;
    const respelled = await certificate.plan(config(["B.test", "a.test"]));
    expect(respelled).toMatchObject({ action: "update", unknown: [] });
    const more = await certificate.plan(config(["a.test", "b.test", "c.test"]));
    expect(more.unknown).toContain("certificate_pem");
    await certificate.apply(config(["a.test"]));
    expect(leaf(certificate).subjectAltName).toBe("DNS:a.test");
    expect(certificate.state?.serial).not.toBe(serial);
  });

  it("keeps its key over renewals where that is asked for, so that TLSA records stay right", async () => {
    const of = config(["tlsa.test"], { reuse_key: true });
    const certificate = await issued(of);
    const before = certificate.state as Values;
    const plan = await certificate.plan({ ...of, reissue: "today" });
    expect(plan.unknown).not.toContain("spki_sha256");
    await certificate.apply({ ...of, reissue: "today" });
    expect(certificate.state?.serial).not.toBe(before.serial);
    expect(certificate.state?.spki_sha256).toBe(before.spki_sha256);
    await certificate.apply({ ...of, reissue: "today", key_algorithm: "RSA-2048" });
    expect(leaf(certificate).publicKey.asymmetricKeyType).toBe("rsa");
  });

  it("is renewed when the CA suggests it, and replaces what it was before", async () => {
    const of = config(["ari.test"]);
    const certificate = await issued(of);
    const before = String(certificate.state?.certificate_pem);
    await pebble.suggestRenewal(before, new Date(Date.now() - DAY), new Date(Date.now() - DAY / 2));
    await certificate.read();
    expect(certificate.state).toMatchObject({ renewal_due: true });
    await certificate.apply(of);
    expect(certificate.state?.certificate_pem).not.toBe(before);
    expect(pebble.log).toContain("has been marked as replaced");
    await certificate.read();
    expect((await certificate.plan(of)).action).toBe("no-op");
  });

  it("is renewed by its lifetime where what the CA suggests would be too late", async () => {
    const certificate = await issued(config(["late.test"]));
    const before = certificate.state?.renew_at;
    const [start, end] = [400, 401].map((days) => new Date(Date.now() + days * DAY)) as [Date, Date];
    await pebble.suggestRenewal(String(certificate.state?.certificate_pem), start, end);
    await certificate.read();
    expect(certificate.state?.renew_at).toBe(before);
  });

  it("is served on when its renewal fails while there is time, and fails when there is none", async () => {
    const of = config(["away.test"]);
    const certificate = await issued(of);
    const before = certificate.state as Values;
    await pebble.gate.shut();
    try {
      // GIVEN a CA that is away when a renewal is due
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 65 * DAY });
      expect(await certificate.read()).toMatchObject({ diagnostics: [], state: { renewal_due: true } });
      // THEN that is a warning, and the next plan wants to renew again
      const early = await certificate.apply(of);
      expect(early.diagnostics).toEqual([
        expect.stringMatching(/^warning The certificate for away\.test was not renewed: .*cannot be reached/),
      ]);
      expect(early.state).toMatchObject({ certificate_pem: before.certificate_pem, renewal_due: false });
      await certificate.read();
      expect((await certificate.plan(of)).unknown).toContain("certificate_pem");
      // THEN it is an error by the time that little is left
      vi.setSystemTime(Date.now() + 20 * DAY);
      const late = await certificate.apply(of);
      expect(late.diagnostics).toEqual([expect.stringMatching(/^error No new certificate for away\.test/)]);
      expect(late.state).toMatchObject({ certificate_pem: before.certificate_pem });
    } finally {
      await pebble.gate.reopen();
    }
  });

  it("is an error where the first order fails, and leaves neither state nor token", async () => {
    await pebble.setDns("lost.test", { type: "servfail" });
    const certificate = lifecycle();
    const { state, diagnostics } = await certificate.apply(config(["ok.test", "lost.test"]));
    expect(state).toBeNull();
    expect(diagnostics).toEqual([expect.stringMatching(/^error No certificate for ok\.test/)]);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("keeps what there is where a change of names fails, and says so as an error", async () => {
    const certificate = await issued(config(["keep.test"]));
    const before = certificate.state as Values;
    const { diagnostics } = await certificate.apply(config(["keep.test", "blocked.test"]));
    expect(diagnostics).toEqual([
      expect.stringMatching(/^error No new certificate for keep\.test: .*blocked\.test/),
    ]);
    expect(certificate.state).toMatchObject({
      certificate_pem: before.certificate_pem,
      names: ["keep.test"],
    });
  });

  it("is for optional names as far as they lead where the others do", async () => {
    const of = config(["mail.test"], { optional_names: ["pop.mail.test", "www.mail.test"] });
    await pebble.setDns("www.mail.test", { type: "a", addresses: ["127.0.0.1"] });
    const certificate = await issued(of);
    expect(certificate.state).toMatchObject({ dns_names: ["mail.test", "pop.mail.test"] });
    await certificate.read();
    expect((await certificate.plan(of)).action).toBe("no-op");
    // WHEN one moves to the mail host, THEN it is taken.
    await pebble.setDns("www.mail.test", { type: "a", addresses: [pebble.web.address] });
    await certificate.read();
    await certificate.apply(of);
    expect(certificate.state?.dns_names).toEqual(["mail.test", "pop.mail.test", "www.mail.test"]);
    // WHEN one moves away, THEN it stays, with a warning.
    await pebble.setDns("pop.mail.test", { type: "a", addresses: ["127.0.0.1"] });
    const { diagnostics } = await certificate.read();
    expect(diagnostics).toEqual([expect.stringContaining("pop.mail.test: in the certificate, but")]);
    expect((await certificate.plan(of)).action).toBe("no-op");
  });

  it("is not held back by an optional name that DNS does not answer for, as long as none is served with it", async () => {
    const of = config(["lame.test"], { optional_names: ["pop.lame.test"] });
    await pebble.setDns("pop.lame.test", { type: "servfail" });
    const certificate = await issued(of);
    expect(certificate.state).toMatchObject({ dns_names: ["lame.test"], provable_names: [] });

    const served = await issued(config(["served.test"], { optional_names: ["pop.served.test"] }));
    expect(served.state?.dns_names).toEqual(["served.test", "pop.served.test"]);
    await pebble.setDns("pop.served.test", { type: "servfail" });
    const again = config(["served.test"], { optional_names: ["pop.served.test"], reissue: "1" });
    const { diagnostics } = await served.apply(again);
    expect(diagnostics).toEqual([expect.stringContaining("DNS could not be queried for pop.served.test")]);
    // WHEN it leads elsewhere, THEN the new certificate is without it, which is said.
    await pebble.setDns("pop.served.test", { type: "a", addresses: ["127.0.0.1"] });
    const { diagnostics: said } = await served.apply(again);
    expect(said).toEqual([expect.stringContaining("pop.served.test: in the previous certificate, but")]);
    expect(served.state?.dns_names).toEqual(["served.test"]);
  });

  it("is not reissued for optional names that lead elsewhere, nor if an optional name becomes required", async () => {
    await pebble.setDns("elsewhere.test", { type: "a", addresses: ["127.0.0.1"] });
    const certificate = await issued(config(["d.test", "e.test"]));
    const { serial } = certificate.state as Values;
    await certificate.apply(config(["d.test"], { optional_names: ["e.test", "elsewhere.test"] }));
    expect(certificate.state).toMatchObject({ serial, optional_names: ["e.test", "elsewhere.test"] });
    expect(orders()).toBeGreaterThan(0);
    await certificate.apply(config(["d.test", "e.test"]));
    expect(certificate.state).toMatchObject({ serial, optional_names: null });
  });

  it("has the chain that is preferred, or says which there are", async () => {
    const certificate = await issued(config(["chain.test"]));
    const issuer = new X509Certificate(String(certificate.state?.chain_pem)).issuer.replace("CN=", "");
    const same = await certificate.apply(config(["chain.test"], { preferred_chain: issuer }));
    expect(same.diagnostics).toEqual([]);
    const other = await certificate.apply(config(["chain.test"], { preferred_chain: "Nobody" }));
    expect(other.diagnostics).toEqual([expect.stringMatching(/^warning .*It offers "Pebble Root CA/)]);
  });

  it("GIVEN the other chains cannot be fetched THEN the certificate is not lost for that", async () => {
    const { post } = AcmeClient.prototype;
    vi.spyOn(AcmeClient.prototype, "post").mockImplementation(function (this: AcmeClient, url, ...others) {
      if (!url.includes("/alternate")) return post.call(this, url, ...others);
      return Promise.reject(new AcmeFailure("The CA did not answer in time.", "Apply again."));
    });
    const certificate = lifecycle();
    const { diagnostics } = await certificate.apply(
      config(["other-chain.test"], { preferred_chain: "Nobody" }),
    );
    vi.restoreAllMocks();
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /^warning The preferred chain is not offered: .*could not be fetched\. .*did not answer in time/,
      ),
    ]);
    expect(certificate.state?.certificate_pem).toMatch(/BEGIN CERTIFICATE/);
  });

  it("is proven by TXT records that dehydrated's hooks make, one name a call or all in one", async () => {
    const hook = [join(__dirname, "acme-hook.sh"), pebble.dnsManagementUrl];
    const names = ["*.hook.test", "hook.test", "other.test"];
    for (const hook_chain of [false, true]) {
      const of = config(names, {
        challenge: challenge({ webroot: null, hook, hook_chain }),
        reissue: String(hook_chain),
      });
      const certificate = await issued(of);
      expect(certificate.state?.dns_names).toEqual(names);
    }
    const failing = challenge({ webroot: null, hook: ["sh", "-c", "echo no such zone; exit 3"] });
    const { diagnostics } = await lifecycle().apply(config(["third.test"], { challenge: failing }));
    expect(diagnostics.at(-1)).toMatch(/ended with exit status 3.*no such zone/s);
  });

  it("is proven in another zone, to which a CNAME leads", async () => {
    const hook = [
      "env",
      "ACME_ZONE=acme.zone.test",
      join(__dirname, "acme-hook.sh"),
      pebble.dnsManagementUrl,
    ];
    for (const name of ["led.test", "imap.led.test"]) {
      await pebble.setDns(`_acme-challenge.${name}`, { type: "cname", target: `${name}.acme.zone.test` });
    }
    const certificate = await issued(
      config(["led.test", "imap.led.test"], { challenge: challenge({ webroot: null, hook }) }),
    );
    expect(certificate.state?.dns_names).toEqual(["led.test", "imap.led.test"]);
    // WHEN the CNAME leads elsewhere, THEN the CA is not asked.
    await pebble.setDns("_acme-challenge.lost.test", { type: "cname", target: "elsewhere.test" });
    const unpropagated = challenge({ webroot: null, hook, propagation_seconds: 1 });
    const { diagnostics } = await lifecycle().apply(config(["lost.test"], { challenge: unpropagated }));
    expect(diagnostics.at(-1)).toMatch(/_acme-challenge\.lost\.test was not found 1 s after.*not asked/);
  });

  it("shows what a hook printed that failed, without what the environment has as secret", async () => {
    const secret = "0123456789-abcdef";
    vi.stubEnv("DNS_API_TOKEN", secret);
    try {
      const hook = ["sh", "-c", `echo "Authorization: Bearer $DNS_API_TOKEN"; echo denied >&2; exit 1`];
      const of = config(["secret.test"], { challenge: challenge({ webroot: null, hook }) });
      const said = (await lifecycle().apply(of)).diagnostics.join();
      expect(said).toContain("Authorization: Bearer ***");
      expect(said).toContain("denied");
      expect(said).not.toContain(secret);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("shows the words of a hook, and has a terminal do nothing", async () => {
    const hook = ["sh", "-c", `printf '%s' '${HOSTILE_WORDS}'; exit 1`];
    const { diagnostics } = await lifecycle().apply(
      config(["loud.test"], { challenge: challenge({ webroot: null, hook }) }),
    );
    expect(diagnostics.join()).toContain("Apply complete!\\u0007");
    expect(isPlain(diagnostics.join())).toBe(true);
  });

  it("is served on where the CA has forgotten the account, and its error says how to get another", async () => {
    const of = config(["forgotten.test"]);
    const certificate = await issued(of);
    const account_url = `${String(of.account_url)}-nobodys`;
    await pebble.suggestRenewal(
      String(certificate.state?.certificate_pem),
      new Date(Date.now() - DAY),
      new Date(Date.now() - DAY / 2),
    );
    await certificate.read();
    const forgotten = /the CA does not know the account.*replace the mailsni_acme_account/i;
    const renewal = await certificate.apply({ ...of, account_url });
    expect(renewal.diagnostics).toEqual([
      expect.stringMatching(/^warning The certificate for forgotten\.test was not renewed/),
    ]);
    expect(renewal.diagnostics[0]).toMatch(forgotten);
    const first = await lifecycle().apply({ ...config(["unknown.test"]), account_url });
    expect(first.diagnostics).toEqual([expect.stringMatching(forgotten)]);
  });

  it("is revoked where that is asked for, and only then", async () => {
    for (const reason of [null, "keyCompromise"]) {
      const certificate = await issued(config(["revoke.test"], { revoke_on_destroy: reason }));
      const serial = leaf(certificate).serialNumber;
      expect(await certificate.destroy()).toEqual([]);
      expect(await pebble.revocation(serial)).toMatch(reason === null ? /Valid/ : /Revoked/);
    }
  });

  it("GIVEN one that has expired THEN it is destroyed without a revocation, which the CA would refuse", async () => {
    const certificate = await issued(config(["expired.test"], { revoke_on_destroy: "superseded" }));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 91 * DAY });
    pebble.forgetRequests();
    expect(await certificate.destroy()).toEqual([]);
    expect([...pebble.requests.keys()]).toEqual([]);
  });

  it("GIVEN first orders that fail THEN they take nothing from what one run may order", async () => {
    const own = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    await own.apply({ ...directory(), terms_of_service_agreed: true });
    const { url, private_key_pem } = own.state as Values;
    const limited = {
      account_url: url,
      account_key_pem: private_key_pem,
      max_new_orders_per_run: 1,
    } as Values;
    const outcomes = async (names: readonly string[]) => {
      const steps = await Promise.all(names.map((name) => lifecycle().apply(config([name], limited))));
      return steps.map(({ state, diagnostics }) => {
        if (state !== null) return "issued";
        return /deferred/.test(diagnostics.join()) ? "deferred" : "failed";
      });
    };
    expect(await outcomes(["blocked.test", "sub.blocked.test"])).toEqual(["failed", "failed"]);
    // Of those that come together the one whose key is made first.
    expect((await outcomes(["fine.test", "also-fine.test"])).sort()).toEqual(["deferred", "issued"]);
  });

  it("is deferred to the next run where as many are new as one run may order; renewals are not", async () => {
    const own = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    await own.apply({ ...directory(), terms_of_service_agreed: true });
    const { url, private_key_pem } = own.state as Values;
    const limited = {
      account_url: url,
      account_key_pem: private_key_pem,
      max_new_orders_per_run: 1,
    } as Values;
    const certificate = await issued(config(["first.test"], limited));
    const { state, diagnostics } = await lifecycle().apply(config(["second.test"], limited));
    expect(state).toBeNull();
    expect(diagnostics).toEqual([
      expect.stringMatching(/deferred: 1 new certificate was ordered.*Apply again/),
    ]);
    const again = await certificate.apply(config(["first.test"], { ...limited, reissue: "now" }));
    expect(again.diagnostics).toEqual([]);
    // WHEN another CA is to issue it, THEN that is one of the first orders there.
    const elsewhere = { ...limited, directory_url: `${pebble.directoryUrl}?another` };
    expect((await certificate.apply(config(["first.test"], elsewhere))).diagnostics).toEqual([]);
    const other = await issued(config(["third.test"]));
    expect((await other.apply(config(["third.test"], elsewhere))).diagnostics).toEqual([
      expect.stringContaining("The order was deferred"),
    ]);
  });

  it.each([
    ["a wildcard over HTTP", { names: ["*.w.test"] }, /wildcard/],
    ["a name twice", { names: ["a.test", "A.test"] }, /Duplicate name/],
    ["a name twice, once optional", { names: ["a.test"], optional_names: ["A.test"] }, /Duplicate name/],
    ["an optional wildcard", { names: ["a.test"], optional_names: ["*.a.test"] }, /wildcard/],
    ["no TLS", { directory_url: "http://ca.test" }, /https/],
    ["no challenge", { challenge: null }, /webroot/],
    ["something else than a key", { account_key_pem: "secret" }, /Not a valid account key/],
    ["no order at all", { max_new_orders_per_run: 0 }, /whole number, at least 1/],
    ["an odd fraction", { critical_fraction: 2 }, /from 0 to 1/],
    ["an unknown reason", { revoke_on_destroy: "because" }, /keyCompromise/],
    ["an empty profile", { profile: "" }, /Empty text: profile .*leave profile out/],
    ["an empty chain", { preferred_chain: "" }, /Empty text: preferred_chain/],
    ["an account without a URL", { account_url: "" }, /Empty text: account_url .*`url` of a/],
    ["an empty account", { adopt_ordered_by: "" }, /Empty text: adopt_ordered_by/],
  ])("refuses %s, without a byte of a key", async (_, wrong, message) => {
    const of = { ...config(["a.test"]), ...wrong } as Values;
    const complete = { ...of, challenge: of.challenge ?? challenge({ webroot: null }) } as Values;
    const diagnostics = (await lifecycle().validate(complete)).join();
    expect(diagnostics).toMatch(message);
    expect(diagnostics).not.toContain("secret");
  });

  it.each(["256.0.0.1", "192.0.2.1:0", "192.0.2.1:65536", "[192.0.2.1]", "2001:db8", "[::1]:x", "ns.test"])(
    "refuses %s as a DNS server",
    async (server) => {
      const wrong = config(["a.test"], { challenge: challenge({ dns_servers: [server] }) });
      expect((await lifecycle().validate(wrong)).join()).toContain("Not a DNS server address");
    },
  );

  it("refuses a hook with a NUL character, which no program can be given", async () => {
    const wrong = config(["a.test"], { challenge: challenge({ webroot: null, hook: ["hook", "a\0b"] }) });
    expect(await lifecycle().validate(wrong)).toEqual([
      expect.stringMatching(/^error Text with a NUL character: .* @challenge\.hook$/),
    ]);
  });

  it.each([[[]], [[""]], [["", "deploy"]]])("refuses the hook %j, which has no program", async (hook) => {
    const wrong = config(["a.test"], { challenge: challenge({ webroot: null, hook }) });
    expect((await lifecycle().validate(wrong)).join()).toContain("The hook has no program");
  });

  it("takes DNS servers with and without a port", async () => {
    const servers = ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:53"];
    const right = config(["a.test"], { challenge: challenge({ dns_servers: servers }) });
    expect(await lifecycle().validate(right)).toEqual([]);
  });
});
