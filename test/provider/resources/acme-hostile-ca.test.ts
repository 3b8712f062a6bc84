import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { Hosts } from "../../../lib/provider/host/hosts";
import { DirectoryStore } from "../../../lib/provider/journal/directory-store";
import { Journal } from "../../../lib/provider/journal/journal";
import { Journals } from "../../../lib/provider/journal/journals";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { ACCOUNT_LIES, HARMLESS_LIES, LIES } from "../../support/lies";
import { type Answer, type Lie, LyingCa } from "../../support/lying-ca";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

/** Until a certificate of 90 days is due for renewal. */
const UNTIL_DUE_MS = 65 * 86_400_000;
const NAMES = ["a.test", "imap.a.test"];
const timeouts = acmeTimeouts({ pauseMs: 1, longestPauseMs: 20, orderMs: 100, pollMs: 1 });

describe("a CA that lies", () => {
  let ca: LyingCa;
  let account: Values;
  let directory: string;
  let directories: AcmeDirectories;
  /** A certificate that is due for renewal by the clock of `passTime`. */
  let due: Pick<ResourceLifecycle, "state" | "private">;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-hostile-"));
    ca = await LyingCa.start();
    directories = new AcmeDirectories(timeouts);
    account = (await registered(directories)).state as Values;
    const certificate = lifecycle();
    await certificate.apply(config());
    passTime();
    await certificate.read();
    vi.useRealTimers();
    expect(certificate.state).toMatchObject({ renewal_due: true });
    due = { state: certificate.state, private: certificate.private };
    ca.behave();
    directories.close();
  });
  beforeEach(() => {
    for (const name of ["calls", "journal"]) rmSync(join(directory, name), { recursive: true, force: true });
    directories = new AcmeDirectories(timeouts);
  });
  afterEach(() => {
    vi.useRealTimers();
    ca.behave();
    ca.backdatingMs = 60_000;
    directories.close();
  });
  afterAll(async () => {
    await ca.close();
    rmSync(directory, { recursive: true });
  });

  /** The clocks of the test and of its CA go on; `useRealTimers` puts them back. */
  const passTime = () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + UNTIL_DUE_MS });

  const caConfig = () => ({ directory_url: ca.directoryUrl, directory_ca_pem: ca.directoryCaPem });

  async function registered(of: AcmeDirectories): Promise<ResourceLifecycle> {
    const resource = new ResourceLifecycle(acmeAccount(of, new KeyPassphrases()));
    await resource.apply({ ...caConfig(), terms_of_service_agreed: true });
    return resource;
  }

  /** Its hook notes what it was given, a line each call. */
  const config = (more: Values = {}): Values => ({
    ...caConfig(),
    account_url: account.url ?? null,
    account_key_pem: account.private_key_pem ?? null,
    names: NAMES,
    challenge: {
      webroot: null,
      hosts: null,
      hook: ["sh", "-c", 'printf "%s\\n" "$*" >>"$0/calls"', directory],
      hook_chain: null,
      propagation_seconds: null,
      look_first: false,
      dns_servers: null,
    },
    ...more,
  });

  const lifecycle = (journals = new Journals(), hosts = new Hosts("mail", new Map())) =>
    new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases(), journals), hosts);

  /** Of another process, with a journal that outlives it. */
  function nextRun(): ResourceLifecycle {
    const [journals, hosts] = [new Journals(), new Hosts("mail", new Map())];
    const store = new DirectoryStore(join(directory, "journal"));
    journals.set(
      hosts,
      new Journal({ stack: "mail", place: "2222222222222222", workspace: "4444444444444444" }, [store]),
    );
    return lifecycle(journals, hosts);
  }

  /** Names that the hook was given. */
  const named = () =>
    existsSync(join(directory, "calls"))
      ? readFileSync(join(directory, "calls"), "utf8")
          .trim()
          .split("\n")
          .map((call) => call.split(" ").slice(1, -2).join(" "))
      : [];

  function expectTyped(diagnostic: string): void {
    expect(diagnostic).not.toMatch(
      /TypeError|RangeError|Cannot read|undefined|\bnull\b|Invalid (URL|time)|PEM routines|asn1/i,
    );
    expect(diagnostic.length).toBeLessThan(20_000);
    for (const name of named()) expect(NAMES).toContain(name);
    expect(existsSync("/tmp/mail-sni-owned")).toBe(false);
  }

  it("GIVEN it tells the truth THEN there is a certificate, without what a wildcard covers", async () => {
    const certificate = lifecycle();
    const { diagnostics } = await certificate.apply(config({ names: ["a.test", "imap.a.test", "*.a.test"] }));
    expect(diagnostics).toEqual([]);
    expect(certificate.state).toMatchObject({ dns_names: ["a.test", "*.a.test"] });
  });

  const DAY_MS = 86_400_000;

  it.each([
    ["61 days ahead", -61 * DAY_MS],
    ["2 days behind", 2 * DAY_MS],
  ])(
    "GIVEN a machine whose clock is %s THEN nothing is ordered, and one error says so; for a renewal with time left one warning",
    async (apart, clockAheadMs) => {
      passTime();
      ca.clockAheadMs = clockAheadMs;
      const first = await lifecycle().apply(config());
      expect(first.diagnostics).toEqual([
        expect.stringMatching(
          `^error No certificate for a\\.test.*: By the CA's clock, that of this machine is ${apart}: it is .* here, and .* there`,
        ),
      ]);
      const renewing = Object.assign(lifecycle(), due);
      expect((await renewing.apply(config())).diagnostics).toEqual([
        expect.stringMatching(`^warning .*was not renewed.*${apart}`),
      ]);
      expect(ca.count("order")).toBe(0);
    },
  );

  it.each([undefined, "", "tomorrow", "9".repeat(5000), "+275760-09-13T00:00:00Z"])(
    "GIVEN answers with the date %j THEN the clock is not judged by it",
    async (date) => {
      const change = (answer: Answer) => ({ ...answer, headers: { ...answer.headers, date } });
      for (const at of ["nonce", "order", "challenge"] as const) ca.lies.push({ at, change });
      expect((await lifecycle().apply(config())).diagnostics).toEqual([]);
    },
  );

  it("GIVEN a killed run, and a clock that is weeks ahead in the next one THEN a later one has the certificate of the first", async () => {
    const run = async () => {
      directories.close();
      directories = new AcmeDirectories(timeouts);
      return nextRun().apply(config());
    };
    const lost = (await run()).state as Values;
    passTime();
    ca.clockAheadMs = -UNTIL_DUE_MS;
    expect((await run()).diagnostics).toEqual([expect.stringContaining("By the CA's clock")]);
    vi.useRealTimers();
    ca.clockAheadMs = 0;
    expect((await run()).state).toMatchObject({ fingerprint_sha256: lost.fingerprint_sha256 });
    expect(ca.count("order")).toBe(1);
  });

  it.each([
    ["was downloaded", []],
    ["was not downloaded", [{ at: "certificate", change: () => null } as Lie]],
  ])(
    "GIVEN a CA that dates certificates far back, and a killed run whose certificate %s THEN the next one has it",
    async (_, lies) => {
      ca.backdatingMs = UNTIL_DUE_MS;
      ca.lies.push(...lies);
      await nextRun().apply(config());
      ca.lies.length = 0;
      directories.close();
      directories = new AcmeDirectories(timeouts);
      expect((await nextRun().apply(config())).state).not.toBeNull();
      expect(ca.count("order")).toBe(1);
    },
  );

  it.each(Object.entries(LIES))(
    "GIVEN %s THEN no certificate and one error that says why; for a renewal with time left one warning",
    async (_, lie) => {
      passTime();
      ca.lies.push(lie);

      const first = await lifecycle().apply(config());
      expect(first.state).toBeNull();
      expect(first.diagnostics).toEqual([expect.stringMatching(/^error No certificate for a\.test/)]);
      expectTyped(String(first.diagnostics[0]));

      const renewing = Object.assign(lifecycle(), due);
      const { state, diagnostics } = await renewing.apply(config());
      expect(diagnostics).toEqual([
        expect.stringMatching(/^warning The certificate for a\.test was not renewed/),
      ]);
      expectTyped(String(diagnostics[0]));
      expect(state).toMatchObject({ certificate_pem: due.state?.certificate_pem, renewal_due: false });
    },
  );

  it.each<[string, (truth: Answer, other: string) => Answer]>([
    ["a certificate for another key", (truth, other) => ({ ...truth, body: other })],
    ["rubbish for a certificate", (truth) => ({ ...truth, body: "rubbish" })],
    ["no certificate", (truth) => ({ ...truth, status: 404, body: "{}" })],
  ])(
    "GIVEN an order that leads to %s THEN one apply fails, and the next one orders another certificate",
    async (_, change) => {
      let other = "";
      const listening: Lie = {
        at: "certificate",
        change: (truth) => {
          other = truth.body;
          return truth;
        },
      };
      ca.lies.push(listening);
      await lifecycle().apply(config());
      ca.behave();
      ca.lies.push({
        at: "certificate",
        change: (truth) => (ca.count("order") < 2 ? change(truth, other) : truth),
      });
      const names = ["b.test"];
      const { state, diagnostics } = await nextRun().apply(config({ names }));
      expect(state).toBeNull();
      expect(diagnostics).toEqual([expect.stringMatching(/^error No certificate for /)]);
      expect(ca.count("order")).toBe(1);
      const next = await nextRun().apply(config({ names }));
      expect(next.diagnostics).toEqual([]);
      expect(next.state).toMatchObject({ dns_names: names });
      expect(ca.count("order")).toBe(2);
    },
  );

  describe("GIVEN an order that the CA never finishes", () => {
    const processing: Lie["change"] = (truth) => {
      const document = JSON.parse(truth.body);
      const isStuck = document.status === "valid" && ca.count("order") < 2;
      return isStuck ? { ...truth, body: JSON.stringify({ ...document, status: "processing" }) } : truth;
    };
    async function renewedTwice(more: Values): Promise<readonly string[]> {
      ca.behave();
      passTime();
      for (const at of ["finalize", "order status"] as const) ca.lies.push({ at, change: processing });
      const [first, second] = [1, 2].map(() => Object.assign(nextRun(), due));
      expect((await first?.apply(config(more)))?.diagnostics.join()).toContain(
        "did not finish issuing in time",
      );
      return (await second?.apply(config(more)))?.diagnostics ?? [];
    }

    it.each<[string, Lie["change"]]>([
      ["fails", (truth) => ({ ...truth, status: 500, body: "{}" })],
      ["cuts the connection", () => null],
    ])(
      "or one whose download %s, THEN a renewal without time left orders another certificate in the next apply",
      async (_, change) => {
        ca.behave();
        passTime();
        ca.lies.push({
          at: "certificate",
          change: (truth) => (ca.count("order") < 2 ? change(truth, ca) : truth),
        });
        const critical = config({ critical_fraction: 1 });
        const [first, second] = [1, 2].map(() => Object.assign(nextRun(), due));
        expect((await first?.apply(critical))?.diagnostics).toEqual([
          expect.stringMatching(/^error No new certificate for a\.test/),
        ]);
        expect((await second?.apply(critical))?.diagnostics).toEqual([
          expect.stringMatching(/^warning The CA has not finished the former order for a\.test/),
        ]);
        expect(ca.count("order")).toBe(2);
      },
    );

    it.each([500, 503, 429])(
      "or of which a proxy answers %i, THEN a later apply goes on with it",
      async (status) => {
        ca.behave();
        ca.lies.push({
          at: "certificate",
          change: (truth) => ({ ...truth, status, body: '{"message":"x"}' }),
        });
        const names = ["proxied.test"];
        for (const _ of [1, 2]) expect((await nextRun().apply(config({ names }))).state).toBeNull();
        ca.lies.length = 0;
        expect((await nextRun().apply(config({ names }))).diagnostics).toEqual([]);
        expect(ca.count("order")).toBe(1);
      },
    );

    it("THEN a renewal with time left waits for it", async () => {
      expect((await renewedTwice({})).join()).toContain("did not finish issuing in time");
      expect(ca.count("order")).toBe(1);
    });

    it("THEN a renewal without time left orders another certificate in the next apply", async () => {
      expect(await renewedTwice({ critical_fraction: 1 })).toEqual([
        expect.stringMatching(/^warning .*did not finish issuing in time/),
      ]);
      expect(ca.count("order")).toBe(2);
    });
  });

  it.each<[string, Lie["change"]]>([
    ["fails", (truth) => ({ ...truth, status: 500, body: "{}" })],
    ["cuts the connection", () => null],
    ["answers rubbish", (truth) => ({ ...truth, body: "rubbish" })],
  ])(
    "GIVEN it %s when an order names the certificate that it replaces THEN the order is made without that",
    async (_, change) => {
      passTime();
      ca.lies.push({
        at: "order",
        change: (truth) => (ca.asked.at(-1)?.payload.includes('"replaces"') ? change(truth, ca) : truth),
      });
      const renewing = Object.assign(lifecycle(), due);
      const { state, diagnostics } = await renewing.apply(config());
      expect(diagnostics).toEqual([]);
      expect(state?.certificate_pem).not.toBe(due.state?.certificate_pem);
    },
  );

  it.each(Object.entries(ACCOUNT_LIES))(
    "GIVEN an account: %s THEN one error that says why",
    async (_, lie) => {
      ca.lies.push(lie);
      const resource = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
      const { state, diagnostics } = await resource.apply({ ...caConfig(), terms_of_service_agreed: true });
      expect(state).toBeNull();
      expect(diagnostics).toEqual([
        expect.stringMatching(/^error The ACME account was not created: The CA's answer at https:/),
      ]);
      expectTyped(String(diagnostics[0]));
    },
  );

  it.each(Object.entries(ACCOUNT_LIES))(
    "GIVEN an account that is read: %s THEN it stays as it is",
    async (_, lie) => {
      const resource = await registered(directories);
      const { state } = resource;
      ca.lies.push(lie);
      expect(await resource.read()).toEqual({ state, diagnostics: [] });
    },
  );

  it.each(Object.entries(HARMLESS_LIES))(
    "GIVEN %s THEN there is a certificate all the same",
    async (_, lie) => {
      ca.lies.push(lie);
      const certificate = lifecycle();
      const { diagnostics } = await certificate.apply(config({ preferred_chain: "Other root" }));
      expect(
        diagnostics.filter((diagnostic) => !/^warning The preferred chain is not offered/.test(diagnostic)),
      ).toEqual([]);
      for (const diagnostic of diagnostics) expectTyped(diagnostic);
      expect(certificate.state?.certificate_pem).toContain("BEGIN CERTIFICATE");
      expect(await certificate.read()).toMatchObject({ diagnostics: [] });
    },
  );

  it("GIVEN its other chain is fine THEN the one that is preferred is taken", async () => {
    const certificate = lifecycle();
    const { diagnostics } = await certificate.apply(config({ preferred_chain: "Other root" }));
    expect(diagnostics).toEqual([]);
    expect(ca.count("alternate")).toBe(1);
  });

  it("GIVEN it is behind a TLS proxy that rewrites nothing THEN its http: URLs are signed as they stand, and asked for over TLS", async () => {
    const plain: Lie["change"] = (answer) => ({
      ...answer,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          String(value).replaceAll("https:", "http:"),
        ]),
      ),
      body: answer.body.replaceAll("https:", "http:"),
    });
    for (const at of [
      "directory",
      "order",
      "authorization",
      "order status",
      "finalize",
      "certificate",
    ] as const) {
      ca.lies.push({ at, change: plain });
    }
    const certificate = lifecycle();
    const { diagnostics } = await certificate.apply(config({ preferred_chain: "Other root" }));
    expect(diagnostics).toEqual([]);
    const signed = ca.asked.flatMap(({ signedUrl }) => (signedUrl === "" ? [] : [signedUrl]));
    expect(new Set(signed.map((url) => new URL(url).protocol))).toEqual(new Set(["http:"]));
  });

  it("GIVEN NODE_TLS_REJECT_UNAUTHORIZED=0 THEN an untrusted CA is still refused", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    try {
      const { diagnostics } = await lifecycle().apply(config({ directory_ca_pem: null }));
      expect(diagnostics).toEqual([
        expect.stringMatching(/certificate of localhost:\d+ itself is not trusted/),
      ]);
      expect(ca.asked).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
