import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AcmeClient } from "../../../lib/provider/acme/client";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { explain } from "../../../lib/provider/acme/explanation";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { HttpWebroot } from "../../../lib/provider/acme/http-webroot";
import { Hosts } from "../../../lib/provider/host/hosts";
import { DirectoryStore } from "../../../lib/provider/journal/directory-store";
import { Journal } from "../../../lib/provider/journal/journal";
import { Journals } from "../../../lib/provider/journal/journals";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { stateIdentity } from "../../../lib/provider/resources/state-identity";
import { publicKeyDigest } from "../../../lib/provider/x509/key-algorithm";
import {
  type CertificateEntry,
  entryText,
  type JournalEntry,
  parseLatest,
} from "../../../lib/shared/journal/entry";
import { rfc3339 } from "../../../lib/shared/time/rfc3339";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";
import { certificateValues, directoryOf } from "./support/acme-values";

const DAY = 86_400_000;
const STATE = "1111111111111111";

describeIf(pebbleIsThere, "an engine that was killed before it saved its state", () => {
  let pebble: Pebble;
  let directories: AcmeDirectories;
  let account: Values;
  let journal: string;
  const opened: Hosts[] = [];

  beforeAll(async () => {
    pebble = await Pebble.start({ badNonces: 0 });
    directories = new AcmeDirectories(acmeTimeouts());
  });
  beforeEach(async () => {
    journal = mkdtempSync(join(tmpdir(), "mail-sni-journal-"));
    account = await accountOf(run());
    pebble.forgetRequests();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    rmSync(journal, { recursive: true, force: true });
    await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
  });
  afterAll(async () => {
    directories.close();
    await pebble.stop();
  });

  /** A new process of the provider. */
  function run({ stack = "mail", passphrases = new KeyPassphrases(), place = "2222222222222222" } = {}) {
    const mx1 = {
      name: "mx1",
      root: dirname(pebble.web.directory),
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
    };
    const hosts = new Hosts(stack, new Map([["mx1", mx1]]), "fail", new Set(), place);
    opened.push(hosts);
    const journals = new Journals();
    journals.set(
      hosts,
      new Journal({ stack, place, workspace: "4444444444444444" }, [new DirectoryStore(journal)]),
    );
    return {
      certificate: () => new ResourceLifecycle(acmeCertificate(directories, passphrases, journals), hosts),
      account: () => new ResourceLifecycle(acmeAccount(directories, passphrases, journals), hosts),
      identity: () => new ResourceLifecycle(stateIdentity(journals), hosts),
    };
  }

  const directory = () => directoryOf(pebble);
  const accountConfig = () => ({ ...directory(), state_id: STATE, terms_of_service_agreed: true });

  async function accountOf(of: ReturnType<typeof run>): Promise<Values> {
    const lifecycle = of.account();
    expect((await lifecycle.apply(accountConfig())).diagnostics).toEqual([]);
    return lifecycle.state as Values;
  }

  const config = (names: readonly string[], more: Values = {}): Values =>
    certificateValues(pebble, account, names, { state_id: STATE, ...more });

  /** As if the process were killed when it asks the CA for the first URL that matches. */
  const killedAt = (pattern: RegExp) => failsAt(pattern, new AcmeFailure("killed", ""));
  /** The CA refuses what is asked of the first URL that matches. */
  const refusedAt = (pattern: RegExp, kind: string) =>
    failsAt(pattern, explain({ kind, detail: "", subproblems: [] }));

  function failsAt(pattern: RegExp, failure: AcmeFailure): void {
    const { post } = AcmeClient.prototype;
    vi.spyOn(AcmeClient.prototype, "post").mockImplementation(function (this: AcmeClient, url, ...rest) {
      if (pattern.test(url)) throw failure;
      return post.call(this, url, ...rest);
    });
  }

  async function killed(of: Values, pattern: RegExp, from = run()): Promise<void> {
    killedAt(pattern);
    const { state, diagnostics } = await from.certificate().apply(of);
    expect(state).toBeNull();
    expect(diagnostics.join()).toContain("killed");
    vi.restoreAllMocks();
  }

  /** The state of the apply is lost. */
  async function lost(of: Values, from = run()): Promise<Values> {
    const { state, diagnostics } = await from.certificate().apply(of);
    expect(diagnostics).toEqual([]);
    return state as Values;
  }

  const orders = () => pebble.requests.get("POST /order-plz") ?? 0;
  const finalised = () => pebble.requests.get("POST /finalize-order/") ?? 0;
  const entryFiles = () => readdirSync(journal).filter((name) => entryIn(name).kind === "certificate");
  const entryIn = (name: string) =>
    parseLatest(readFileSync(join(journal, name), "utf8")) as CertificateEntry;
  const entries = () => entryFiles().map(entryIn);

  it("GIVEN a certificate that was issued THEN the next apply has it, with its key, and no other is ordered", async () => {
    const of = config(["issued.test", "imap.issued.test"]);
    const before = await lost(of);
    const certificate = run().certificate();
    expect((await certificate.apply(of)).diagnostics).toEqual([]);
    const same = [
      "certificate_pem",
      "chain_pem",
      "private_key_pem",
      "renew_at",
      "dns_names",
      "renewal_information_id",
    ];
    for (const name of same) expect(certificate.state?.[name]).toEqual(before[name]);
    expect({ orders: orders(), finalised: finalised() }).toEqual({ orders: 1, finalised: 1 });
  });

  it.each([
    ["before the CA was asked", /order-plz/, { orders: 1, finalised: 1 }],
    ["while names were validated", /chalZ/, { orders: 1, finalised: 1 }],
    ["before it was finalised", /finalize-order/, { orders: 1, finalised: 1 }],
    ["before it was downloaded", /certZ/, { orders: 1, finalised: 1 }],
  ])("GIVEN an order that was lost %s THEN the next apply goes on with it", async (_, pattern, expected) => {
    const of = config([`lost-${expected.orders}${String(pattern).length}.test`]);
    await killed(of, pattern);
    const certificate = run().certificate();
    expect((await certificate.apply(of)).diagnostics).toEqual([]);
    expect({ orders: orders(), finalised: finalised() }).toEqual(expected);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("GIVEN an order that is deferred THEN nothing of it is in the journal", async () => {
    const of = (name: string) => ({ ...config([name]), max_new_orders_per_run: 1 });
    const from = run();
    await lost(of("first.deferred.test"), from);
    const { state, diagnostics } = await from.certificate().apply(of("second.deferred.test"));
    expect(state).toBeNull();
    expect(diagnostics.join()).toContain("deferred");
    expect(entries()).toMatchObject([{ names: ["first.deferred.test"] }]);
  });

  describe("GIVEN an engine that is gone before anything was asked of the CA", () => {
    /** Its end comes while a key is sealed: that takes long, and the next run may have read the journal meanwhile. */
    function goneWhileSealed(lifecycle: ResourceLifecycle): void {
      const engine = new AbortController();
      lifecycle.signal = engine.signal;
      const { seal } = KeyPassphrases.prototype;
      vi.spyOn(KeyPassphrases.prototype, "seal").mockImplementation(async function (
        this: KeyPassphrases,
        key,
      ) {
        engine.abort();
        return seal.call(this, key);
      });
    }

    it("THEN no certificate is ordered, and none is in the journal", async () => {
      const certificate = run().certificate();
      goneWhileSealed(certificate);
      const { state, diagnostics } = await certificate.apply(config(["orphaned.test"]));
      expect(state).toBeNull();
      expect(diagnostics.join()).toContain("It was interrupted before anything was ordered. Apply again.");
      expect({ orders: orders(), entries: entries() }).toEqual({ orders: 0, entries: [] });
    });

    it("THEN no account is registered", async () => {
      const other = run({ stack: "orphaned" }).account();
      goneWhileSealed(other);
      const before = readdirSync(journal);
      const { state, diagnostics } = await other.apply(accountConfig());
      expect(state).toBeNull();
      expect(diagnostics.join()).toContain(
        "It was interrupted before an account was registered. Apply again.",
      );
      expect(pebble.requests.get("POST /sign-me-up") ?? 0).toBe(0);
      expect(readdirSync(journal)).toEqual(before);
    });

    it("WHEN an order waits for another one of the same name THEN it is left to the next apply", async () => {
      const of = [config(["waits.test", "a.waits.test"]), config(["waits.test", "b.waits.test"])];
      const states = await goneAtChallenge(of);
      expect(states).toEqual([null, null]);
      expect(orders()).toBe(1);
      for (const each of of) await lost(each);
      expect(orders()).toBe(2);
    });
  });

  it("GIVEN a run that is stopped while the CA looks at a challenge THEN the challenge stays until then, and the order is good", async () => {
    const of = config(["stopped.test"]);
    pebble.web.latencyMs = 300;
    try {
      expect(await goneAtChallenge([of])).toEqual([null]);
    } finally {
      pebble.web.latencyMs = 0;
    }
    expect(pebble.web.tokens).toEqual([]);
    await lost(of);
    expect({ orders: orders(), finalised: finalised() }).toEqual({ orders: 1, finalised: 1 });
  });

  it("GIVEN a run that was killed while the CA looks at a challenge WHEN the next one begins at once THEN it goes on", async () => {
    const of = config(["looking.test"]);
    pebble.web.latencyMs = 300;
    try {
      vi.spyOn(HttpWebroot.prototype, "withdraw").mockResolvedValue([]);
      await killed(of, /my-order/);
      await lost(of);
    } finally {
      pebble.web.latencyMs = 0;
    }
    expect({ orders: orders(), finalised: finalised() }).toEqual({ orders: 1, finalised: 1 });
  });

  /** Certificates of one run, whose engine is gone as soon as the CA is told of a challenge. @returns their states */
  async function goneAtChallenge(of: readonly Values[]): Promise<(Values | null)[]> {
    const [from, engine] = [run(), new AbortController()];
    const { post } = AcmeClient.prototype;
    vi.spyOn(AcmeClient.prototype, "post").mockImplementation(function (this: AcmeClient, url, ...rest) {
      if (/chalZ/.test(url)) engine.abort();
      return post.call(this, url, ...rest);
    });
    const applied = of.map((each) => {
      const certificate = from.certificate();
      certificate.signal = engine.signal;
      return certificate.apply(each);
    });
    const states = (await Promise.all(applied)).map(({ state }) => state);
    vi.restoreAllMocks();
    return states;
  }

  it("GIVEN an order that the CA no longer has THEN the next apply orders with the same key", async () => {
    const of = config(["forgotten.test"]);
    await killed(of, /finalize-order/);
    const [{ publicKey, order }] = entries() as [CertificateEntry];
    const { post } = AcmeClient.prototype;
    vi.spyOn(AcmeClient.prototype, "post").mockImplementation(function (this: AcmeClient, url, ...rest) {
      return post.call(this, url === order ? `${url}x` : url, ...rest);
    });
    const certificate = run().certificate();
    expect((await certificate.apply(of)).diagnostics).toEqual([]);
    expect(certificate.state?.spki_sha256).toBe(publicKey);
    expect(orders()).toBe(2);
  });

  it("GIVEN a ready order whose key the CA refuses THEN one apply fails, and the next one orders with another key", async () => {
    const of = config(["refused.test"]);
    await killed(of, /finalize-order/);
    // CAs refuse the key of an account.
    const key = String(account.private_key_pem);
    const publicKey = publicKeyDigest(createPrivateKey(key));
    for (const name of entryFiles()) {
      const file = join(journal, name);
      writeFileSync(
        file,
        entryText({ ...parseLatest(readFileSync(file, "utf8")), key, publicKey } as JournalEntry),
      );
    }
    const { state, diagnostics } = await run().certificate().apply(of);
    expect(state).toBeNull();
    expect(diagnostics).toEqual([
      expect.stringMatching(
        /The CA does not accept the certificate request .*Apply again: the next order has another key/,
      ),
    ]);
    expect(entries()).toEqual([]);
    expect((await lost(of)).spki_sha256).not.toBe(publicKey);
  });

  it("GIVEN a name that the CA does not issue for, or a validation that fails THEN nothing of it is in the journal", async () => {
    const { diagnostics } = await run()
      .certificate()
      .apply(config(["blocked.test"]));
    expect(diagnostics.join()).toContain("The CA does not issue for this name");
    expect(entries()).toEqual([]);
    const unproven = config(["unproven.test"]);
    const challenge = {
      ...(unproven.challenge as Values),
      webroot: `${String((unproven.challenge as Values).webroot)}/elsewhere`,
      look_first: false,
    };
    const failed = await run()
      .certificate()
      .apply({ ...unproven, challenge });
    expect(failed.diagnostics.join()).toContain("the CA did not find the challenge");
    expect(entries()).toEqual([]);
  });

  it.each(["rateLimited", "serverInternal", "userActionRequired"])(
    "GIVEN a CA that answers %s to finalising THEN a later apply goes on with the order",
    async (kind) => {
      const of = config([`${kind.toLowerCase()}.test`]);
      refusedAt(/finalize-order/, kind);
      expect((await run().certificate().apply(of)).state).toBeNull();
      vi.restoreAllMocks();
      const [{ publicKey }] = entries() as [CertificateEntry];
      expect((await lost(of)).spki_sha256).toBe(publicKey);
      expect(orders()).toBe(1);
    },
  );

  it("GIVEN a state that has the certificate THEN the next plan crosses it out, and so does a refresh", async () => {
    const of = config(["kept.test"]);
    const certificate = run().certificate();
    await certificate.apply(of);
    expect(entries()).toHaveLength(1);
    const next = run().certificate();
    next.state = certificate.state;
    await next.plan(of);
    expect(entries()).toEqual([]);
  });

  it("GIVEN a refresh or a delete THEN that crosses it out as well", async () => {
    for (const step of ["read", "destroy"] as const) {
      const certificate = run().certificate();
      await certificate.apply(config([`${step}.test`]));
      expect(entries()).toHaveLength(1);
      const next = run().certificate();
      next.state = certificate.state;
      await next[step]();
      expect(entries()).toEqual([]);
    }
  });

  it("GIVEN a renewal that was lost THEN the next apply has it, and it replaces what it replaced", async () => {
    const of = config(["renewed.test"]);
    const first = run().certificate();
    await first.apply(of);
    const next = run().certificate();
    next.state = first.state;
    await next.plan(of);
    await next.apply({ ...of, reissue: "now" });
    expect(orders()).toBe(2);
    const again = run().certificate();
    again.state = first.state;
    expect((await again.apply({ ...of, reissue: "now" })).diagnostics).toEqual([]);
    expect(again.state?.serial).toBe(next.state?.serial);
    expect(orders()).toBe(2);
  });

  it("GIVEN a key that has leaked THEN no reissue brings it back", async () => {
    const of = config(["leaked.test"]);
    const first = run().certificate();
    await first.apply(of);
    const leaked = first.state?.spki_sha256;
    // Its state was never planned, so its entry is still there.
    const next = run().certificate();
    next.state = first.state;
    vi.spyOn(Journal.prototype, "crossOut").mockResolvedValue();
    await next.apply({ ...of, reissue: "leaked" });
    expect(next.state?.spki_sha256).not.toBe(leaked);
    await next.apply({ ...of, reissue: null });
    expect(next.state?.spki_sha256).not.toBe(leaked);
    expect(new Set(entries().map(({ publicKey }) => publicKey)).size).toBe(3);
    expect(orders()).toBe(3);
  });

  it("GIVEN an entry in a place that was away when it was crossed out THEN its leaked key does not come back either", async () => {
    const of = config(["away.test"]);
    const first = run().certificate();
    await first.apply(of);
    const leaked = first.state?.spki_sha256;
    const away = readdirSync(journal).map((name) => [name, readFileSync(join(journal, name))] as const);
    const second = run().certificate();
    second.state = first.state;
    // Certificates count seconds.
    await delay(1100);
    await second.plan({ ...of, reissue: "leaked" });
    await second.apply({ ...of, reissue: "leaked" });
    for (const [name, contents] of away) writeFileSync(join(journal, name), contents, { mode: 0o600 });
    // The same resource is replaced, or removed and added later.
    const third = run().certificate();
    third.state = second.state;
    await third.destroy();
    const again = run().certificate();
    await again.apply(of);
    expect(again.state?.spki_sha256).not.toBe(leaked);
    expect(orders()).toBe(3);
  });

  it("GIVEN a certificate that keeps its key THEN a lost renewal comes back, and what is saved stays crossed out", async () => {
    const of = config(["tlsa.test"], { reuse_key: true });
    const first = run().certificate();
    await first.apply(of);
    const next = run().certificate();
    next.state = first.state;
    await next.plan(of);
    killedAt(/certZ/);
    await next.apply({ ...of, reissue: "now" });
    vi.restoreAllMocks();
    const again = run().certificate();
    again.state = first.state;
    await again.plan({ ...of, reissue: "now" });
    expect(entries()).toHaveLength(1);
    expect((await again.apply({ ...of, reissue: "now" })).diagnostics).toEqual([]);
    expect(again.state?.spki_sha256).toBe(first.state?.spki_sha256);
    expect(again.state?.serial).not.toBe(first.state?.serial);
    expect(orders()).toBe(2);
  });

  it("GIVEN other names, another kind of key, account, stack or state THEN another certificate is ordered", async () => {
    const of = config(["changed.test"]);
    await lost(of);
    const other = await accountOf(run({ stack: "other-account" }));
    const variants: [Values, ReturnType<typeof run>][] = [
      [config(["changed.test", "imap.changed.test"]), run()],
      [{ ...of, key_algorithm: "ECDSA-P384" }, run()],
      [{ ...of, account_url: other.url ?? null, account_key_pem: other.private_key_pem ?? null }, run()],
      [of, run({ stack: "other" })],
      [{ ...of, state_id: "3333333333333333" }, run()],
      [{ ...of, state_id: null }, run()],
    ];
    for (const [index, [variant, from]] of variants.entries()) {
      await lost(variant, from);
      expect(orders()).toBe(index + 2);
    }
  });

  it("GIVEN a certificate that is due by now THEN another one is ordered", async () => {
    const of = config(["due.test"]);
    await lost(of);
    const [entry] = entries() as [CertificateEntry];
    const [notBefore, notAfter] = [-61, 29].map((days) => rfc3339(new Date(Date.now() + days * DAY))) as [
      string,
      string,
    ];
    const leaf = { fingerprint: String(entry.leaf?.fingerprint), notBefore, notAfter };
    writeFileSync(join(journal, String(entryFiles()[0])), entryText({ ...entry, begunAt: notBefore, leaf }));
    await run().certificate().apply(of);
    expect(orders()).toBe(2);
  });

  it("GIVEN a passphrase THEN the key is encrypted in the journal, and the next passphrase's with the former", async () => {
    const [old, current] = ["a passphrase of old times", "a passphrase of new times"];
    const of = config(["sealed.test"]);
    const before = await lost(of, run({ passphrases: new KeyPassphrases(old) }));
    expect(entries()).toMatchObject([{ key: expect.stringContaining("ENCRYPTED") }]);
    const rotated = new KeyPassphrases(current, old);
    const after = await lost(of, run({ passphrases: rotated }));
    expect(after.spki_sha256).toBe(before.spki_sha256);
    expect(after.private_key_pem).not.toBe(before.private_key_pem);
    expect(new KeyPassphrases(current).open(String(after.private_key_pem))).toContain("BEGIN PRIVATE KEY");
    expect(orders()).toBe(1);
  });

  it("GIVEN a key that cannot be decrypted THEN a create fails, and says where it is and what to do", async () => {
    const of = config(["locked.test"]);
    await lost(of, run({ passphrases: new KeyPassphrases("a passphrase of old times") }));
    const next = run({ passphrases: new KeyPassphrases("a passphrase of new times") });
    const { state, diagnostics } = await next.certificate().apply(of);
    expect(state).toBeNull();
    expect(diagnostics).toEqual([
      expect.stringMatching(/^error No certificate for locked.test: .*MAIL_SNI_KEY_PASSPHRASE_OLD/),
    ]);
    expect(diagnostics.join()).toContain(
      join(journal, String(readdirSync(journal).find((name) => name.startsWith(String(entries()[0]?.id))))),
    );
    expect(orders()).toBe(1);
    // Once the entry is removed, another one is ordered.
    for (const name of readdirSync(journal)) rmSync(join(journal, name));
    await lost(of, run({ passphrases: new KeyPassphrases("a passphrase of new times") }));
    expect(orders()).toBe(2);
  });

  it("GIVEN a renewal whose key cannot be decrypted THEN it is deferred with a warning, until its critical part: then another one is ordered", async () => {
    const of = config(["locked-renewal.test"]);
    const first = await lost(of);
    const since = (days: number) => new Date(Date.now() + days * DAY).toISOString().replace(/\..*/, "Z");
    // 30 of 90 days are left.
    const due = { ...first, not_before: since(-60), not_after: since(30), renewal_due: true };
    const renewed = (passphrase: string, more: Values = {}) => {
      const certificate = run({ passphrases: new KeyPassphrases(passphrase) }).certificate();
      certificate.state = due;
      return certificate.apply({ ...of, ...more });
    };
    const another = await renewed("a passphrase of old times");
    expect(another.diagnostics).toEqual([]);
    expect(finalised()).toBe(2);

    const later = await renewed("a passphrase of new times");
    expect(later.diagnostics).toEqual([
      expect.stringMatching(
        /^warning The certificate for locked-renewal.test was not renewed: .*MAIL_SNI_KEY_PASSPHRASE_OLD/,
      ),
    ]);
    expect(later.state).toMatchObject({ serial: first.serial ?? null, private_key_pem: expect.any(String) });
    expect(finalised()).toBe(2);

    const critical = await renewed("a passphrase of new times", { critical_fraction: 0.5 });
    expect(critical.diagnostics).toEqual([
      expect.stringMatching(/^warning .*expires soon, so another one is ordered/),
    ]);
    const serials = [first, another.state, critical.state].map((state) => state?.serial);
    expect(new Set(serials).size).toBe(3);
    expect(finalised()).toBe(3);
  });

  it("GIVEN a key that is damaged THEN a create fails, and says where it is and what to do, as it does for an account", async () => {
    const of = config(["damaged.test"]);
    await lost(of);
    const damaged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (const name of readdirSync(journal)) {
      const file = join(journal, name);
      const entry = parseLatest(readFileSync(file, "utf8"));
      writeFileSync(file, entryText({ ...entry, key: damaged } as JournalEntry));
    }
    const applied = [await run().certificate().apply(of), await run().account().apply(accountConfig())];
    for (const { state, diagnostics } of applied) {
      expect(state).toBeNull();
      expect(diagnostics.join()).toContain(journal);
      expect(diagnostics.join()).toMatch(/it is damaged[\s\S]*remove that entry/);
    }
    expect(orders()).toBe(1);
  });

  it("GIVEN an account that was lost THEN the next apply registers the same", async () => {
    const before = await accountOf(run());
    const after = await accountOf(run());
    expect(after.url).toBe(before.url);
    expect(after.key_thumbprint).toBe(before.key_thumbprint);
  });

  it("GIVEN two accounts at a CA in one run THEN each has its own key, and has it again after both were lost", async () => {
    const both = async (of: ReturnType<typeof run>) => {
      const accounts = [await accountOf(of), await accountOf(of)];
      return new Set(accounts.map(({ key_thumbprint }) => key_thumbprint));
    };
    rmSync(journal, { recursive: true });
    const before = await both(run());
    expect(before.size).toBe(2);
    expect(await both(run())).toEqual(before);
  });

  it("GIVEN an account in the state THEN the next plan crosses it out, and another state has another", async () => {
    const before = await accountOf(run());
    const next = run().account();
    next.state = before;
    await next.plan(accountConfig());
    expect(readdirSync(journal)).toEqual([]);
    expect((await accountOf(run())).url).not.toBe(before.url);
  });

  it("GIVEN an account of a killed run that the CA has closed THEN another one is registered", async () => {
    const before = run().account();
    await before.apply({ ...accountConfig(), deactivate_on_destroy: true });
    vi.spyOn(Journal.prototype, "crossOut").mockResolvedValue();
    expect(await before.destroy()).toEqual([]);
    const after = await accountOf(run());
    expect(after.url).not.toBe(account.url);
  });

  it("GIVEN a lost state THEN the next one in the same folder takes its account and certificates, and no other", async () => {
    const identity = await firstDeploy(run());
    const elsewhere = await firstDeploy(run({ place: "4444444444444444" }));
    expect(elsewhere.account).not.toBe(identity.account);
    const again = await firstDeploy(run());
    expect(again.id).not.toBe(identity.id);
    expect(again).toMatchObject({ account: identity.account, serial: identity.serial });
    expect(orders()).toBe(2);
  });

  it("GIVEN a state that was saved THEN no other state takes its entries", async () => {
    const first = await firstDeploy(run());
    const saved = run();
    const identity = saved.identity();
    identity.state = { id: first.id };
    await identity.plan({});
    const second = await firstDeploy(run());
    expect(second.account).not.toBe(first.account);
    expect(second.serial).not.toBe(first.serial);
  });

  /** A state's identity, account and certificate: all of them lost. */
  async function firstDeploy(of: ReturnType<typeof run>) {
    const identity = of.identity();
    await identity.apply({});
    const state_id = String(identity.state?.id);
    const made = of.account();
    expect((await made.apply({ ...accountConfig(), state_id })).diagnostics).toEqual([]);
    const { url, private_key_pem } = made.state as Values;
    const keys: Values = { account_url: url ?? null, account_key_pem: private_key_pem ?? null };
    const { serial } = await lost({ ...config(["first.test"]), ...keys, state_id }, of);
    return { id: state_id, account: made.state?.url, serial };
  }

  it("GIVEN a journal that cannot be written THEN there is one warning, and the certificates are issued", async () => {
    rmSync(journal, { recursive: true });
    writeFileSync(journal, "");
    const from = run();
    const first = await from.certificate().apply(config(["warned.test"]));
    expect(first.state).not.toBeNull();
    expect(first.diagnostics).toEqual([
      expect.stringMatching(/^warning The issuance journal cannot be written: .*is not a directory/),
    ]);
    expect((await from.certificate().apply(config(["silent.test"]))).diagnostics).toEqual([]);
  });
});
