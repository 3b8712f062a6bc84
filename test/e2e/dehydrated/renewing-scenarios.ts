import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DehydratedChallenge, OnDestroy } from "../../../lib";
import { dehydrated, describeIf, dovecot23, pebble, root } from "../../support/requirements";
import { type Circumstances, engineOfSuites } from "../served/engine-choice";
import { locally } from "../served/reach";
import { RenewingHost, type RenewingHostOptions, type Rows } from "./renewing-host";

/** The article's own example, a name below a public suffix of two labels, and an internationalised one. */
const ROWS = {
  "domain1.tld": ["domain1.tld", "imap.domain1.tld", "pop3.domain1.tld", "smtp.domain1.tld"],
  "domain2.tld": ["domain2.tld", "imap.domain2.tld", "pop3.domain2.tld", "smtp.domain2.tld"],
  "example.co.uk": ["example.co.uk", "imap.example.co.uk"],
  "xn--bcher-kva.tld": ["imap.xn--bcher-kva.tld"],
} satisfies Rows;

/** Dovecot takes a moment to replace its processes. */
const POLL = { timeout: 60_000, interval: 500 };

/** All certificates are due at each run. */
const ALWAYS_DUE = { renewBeforeDays: 1000 };

/** What a host does that issues its certificates itself. */
export function renewingScenarios(options: Partial<RenewingHostOptions> & Circumstances = {}): void {
  const { reach = locally, engine = engineOfSuites, servedChecks } = options;
  const { requirement, get } = engine;
  const needs = [requirement, root, dehydrated, pebble, dovecot23, ...reach.requirements];
  describeIf(needs, `a mail host with dehydrated that a stack configures (${reach.name})`, () => {
    let mail: RenewingHost;

    beforeAll(async () => {
      mail = await RenewingHost.start(get(), { reach, servedChecks });
    });
    afterAll(() => mail?.stop());

    /** Expects that each name is presented its own certificate, at all ports. @returns the fingerprint by domain */
    async function expectServed(rows: Rows): Promise<Record<string, string>> {
      const [first = []] = Object.values(rows);
      const expected = Object.entries(rows).flatMap(([, names]) =>
        names.map((name) => [name, [...names].sort()] as const),
      );
      const presented = await mail.presented([...expected.map(([name]) => name), "", "unlisted.tld"]);
      expect(namesOf(presented)).toEqual({
        ...Object.fromEntries(expected),
        "": [...first].sort(),
        "unlisted.tld": [...first].sort(),
      });
      return Object.fromEntries(
        Object.entries(rows).map(([domain, [name = ""]]) => [domain, presented[name]?.fingerprint ?? ""]),
      );
    }

    async function expectNothingToDo(): Promise<void> {
      const { changes, exitCode, warnings } = await mail.project.plan();
      expect({ changes, exitCode, warnings }).toEqual({ changes: {}, exitCode: 0, warnings: [] });
    }

    it("GIVEN a host that lacks something THEN the first deploy says what, and leaves nothing of the program there", async () => {
      const hook = "/nonexistent/hook";
      mail.declare(ROWS, { challenge: DehydratedChallenge.httpWebroot(mail.pebble.web.directory, { hook }) });
      const { exitCode, errors } = await mail.project.apply();
      expect(exitCode).toBe(1);
      expect(errors.join("\n").replace(/[│\s]+/g, " ")).toContain(`the hook ${hook} is not there`);
      expect(existsSync(mail.managed("renewal"))).toBe(false);
    });

    it("WHEN deployed THEN each name is presented its own certificate, and the next plan is empty", async () => {
      const { warnings } = await mail.deploy(ROWS);
      expect(warnings).toEqual([]);
      await expectServed(ROWS);
      await expectNothingToDo();
    });

    it("THEN mail-sni verify finds each name right, by what the host says of each certificate", async () => {
      const { exitCode, err, results } = await mail.verify(get());
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
      expect(results.filter(({ status }) => status === "error" || status === "warning")).toEqual([]);
      const served = await expectServed(ROWS);
      for (const { expected } of results) {
        expect(expected.fingerprintSha256).toBe(served[expected.domain ?? ""]);
        expect(expected.issuedOn).toMatchObject({ host: "mx1", status: "ok" });
      }
      expect(new Set(results.map(({ name }) => name))).toEqual(
        new Set([null, ...Object.values(ROWS).flat()]),
      );
    });

    it("GIVEN a server that has another certificate in memory THEN verify and a plan that asks say which, and the plan is empty", async () => {
      const undo = await mail.haveDovecotServe("imap.domain2.tld", "domain2.tld", "domain1.tld");
      try {
        await expect.poll(async () => (await mail.verify(get())).exitCode, POLL).toBe(1);
        const { results } = await mail.verify(get());
        const wrong = results.filter(({ status }) => status === "error");
        expect(new Set(wrong.map(({ service }) => service))).toEqual(new Set(["dovecot"]));
        expect(new Set(wrong.map(({ expected }) => expected.domain))).toEqual(new Set(["domain2.tld"]));
        expect(new Set(wrong.flatMap(({ findings }) => findings.map(({ code }) => code)))).toEqual(
          new Set(["VERIFY_WRONG_CERTIFICATE"]),
        );
        expect(wrong[0]?.findings[0]?.problem).toContain("which mx1 says it has installed");
        const { changes, warnings } = await mail.project.plan();
        expect(changes).toEqual({});
        expect(warnings.map((warning) => warning.replace(/[│\s]+/g, " "))).toEqual(
          servedChecks
            ? [expect.stringMatching(/domain2\.tld, .*\(dovecot\): the certificate for domain1\.tld/)]
            : [],
        );
      } finally {
        await undo();
      }
      await expect.poll(async () => (await mail.verify(get())).exitCode, POLL).toBe(0);
      await expectNothingToDo();
    });

    it("THEN no private key has left the host", () => {
      const key = readFileSync(mail.work("certs", "domain2.tld", "privkey.pem"), "utf8");
      const [secret = ""] = key.split("\n").sort((one, other) => other.length - one.length);
      const state = readFileSync(`${mail.project.directory}/terraform.tfstate`, "utf8");
      expect(readFileSync(mail.qmailPem("domain2.tld"), "utf8")).toContain(secret);
      expect(state).not.toContain(secret);
      expect(state).not.toContain("-----BEGIN EC PRIVATE KEY");
    });

    it("WHEN the timer's command renews THEN new certificates are presented, and no plan sees a change", async () => {
      await mail.deploy(ROWS, ALWAYS_DUE);
      const before = await expectServed(ROWS);
      const { exitCode, stderr } = await mail.runByTimer();
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const after = await expectServed(ROWS);
      for (const [domain, fingerprint] of Object.entries(after)) expect(fingerprint).not.toBe(before[domain]);
      await expectNothingToDo();
    });

    it("WHEN a row is removed and another one is added in front THEN its files go, and the new default is presented", async () => {
      const { "domain1.tld": first, "example.co.uk": second, "domain2.tld": removed } = ROWS;
      const rows = { "a.tld": ["mail.a.tld"], "domain1.tld": first, "example.co.uk": second };
      await mail.deploy(rows);
      await expectServed(rows);
      expect(namesOf(await mail.presented(removed))).toEqual(
        Object.fromEntries(removed.map((name) => [name, ["mail.a.tld"]])),
      );
      expect(existsSync(mail.qmailPem("domain2.tld"))).toBe(false);
      expect(existsSync(mail.dovecotPem("domain2.tld"))).toBe(false);
      await expectNothingToDo();
      await mail.deploy(ROWS);
      await expectServed(ROWS);
    });

    it("GIVEN a name that cannot be proven THEN its row alone fails, is pending, and is ordered by the next apply", async () => {
      await mail.pebble.setDns("imap.broken.tld", { type: "servfail" });
      const rows = { ...ROWS, "broken.tld": ["imap.broken.tld"], "zzz.tld": ["imap.zzz.tld"] };
      const { warnings } = await mail.deploy(rows);
      expect(warnings.join("\n")).toContain("broken.tld");
      await expectServed({ ...ROWS, "zzz.tld": ["imap.zzz.tld"] });
      expect((await mail.project.plan()).changes).toEqual({ "mailsni_host_job.dehydrated__mx1": "update" });

      await mail.pebble.setDns("imap.broken.tld", { type: "a", addresses: [mail.pebble.web.address] });
      await mail.apply();
      await expectServed(rows);
      await expectNothingToDo();
      await mail.deploy(ROWS);
    });

    it("WHEN the program is changed on the host THEN the plan shows it, and an apply brings it back", async () => {
      appendFileSync(mail.managed("renewal"), "echo changed\n");
      expect((await mail.project.plan()).changes).toEqual({ "mailsni_host_files.dehydrated__mx1": "update" });
      await mail.apply();
      expect(readFileSync(mail.managed("renewal"), "utf8")).not.toContain("echo changed");
      await expectNothingToDo();
    });

    it("GIVEN a DNS challenge THEN a hook that is written for dehydrated makes the records", async () => {
      const rows = { ...ROWS, "dns.tld": ["imap.dns.tld"] };
      await mail.deploy(rows, { challenge: DehydratedChallenge.dnsHook(mail.dnsHook()) });
      await expectServed(rows);
      await expectNothingToDo();
      expect(mail.dnsHookCalls()).toEqual(
        expect.arrayContaining([
          "startup_hook",
          "deploy_challenge",
          "clean_challenge",
          "deploy_cert",
          "exit_hook",
        ]),
      );
      await mail.deploy(ROWS);
    });

    it("WHEN another issuer takes over and gives back THEN every name has its own certificate all the time", async () => {
      const watched = watch(mail, ROWS);
      try {
        mail.declareWithAcme(ROWS, { keepsIssuer: true });
        await mail.apply();
        await expectServed(ROWS);
        await expectNothingToDo();
        await mail.runByTimer();
        await expectNothingToDo();
        mail.declareWithAcme(ROWS, { keepsIssuer: false });
        await mail.apply();
        expect(existsSync(mail.managed("renewal"))).toBe(false);
        await expectNothingToDo();
        await mail.deploy(ROWS);
        await expectServed(ROWS);
        await expectNothingToDo();
      } finally {
        expect(await watched.end()).toEqual([]);
      }
    });

    it("WHEN destroyed THEN the files of the certificates stay, unless they are to be removed", async () => {
      await mail.deploy(ROWS);
      const {
        "domain1.tld": byDefault,
        "domain2.tld": [name = ""],
      } = ROWS;
      expect((await mail.project.destroy()).errors).toEqual([]);
      expect(existsSync(mail.managed("renewal"))).toBe(false);
      // The file with which Dovecot includes those of all domains is the stack's, and goes with it.
      expect(await mail.presentedByServices(name)).toEqual({
        qmail: [[...ROWS["domain2.tld"]].sort()],
        dovecot: [[...byDefault].sort()],
      });
      expect(existsSync(mail.qmailPem("domain2.tld"))).toBe(true);
      expect(existsSync(mail.work("certs", "domain2.tld", "privkey.pem"))).toBe(true);

      await mail.deploy(ROWS, { onDestroy: OnDestroy.REMOVE });
      await expectServed(ROWS);
      expect((await mail.project.destroy()).errors).toEqual([]);
      expect(existsSync(mail.qmailPem("domain2.tld"))).toBe(false);
      expect(existsSync(mail.dovecotPem("domain2.tld"))).toBe(false);
      // Without a default, servers offer no TLS.
      const names = ["", ...Object.values(ROWS).flat()];
      const [defaultNames = []] = Object.values(ROWS);
      expect(namesOf(await mail.presented(names))).toEqual(
        Object.fromEntries(names.map((name) => [name, [...defaultNames].sort()])),
      );
    });
  });
}

function namesOf(presented: Awaited<ReturnType<RenewingHost["presented"]>>) {
  return Object.fromEntries(Object.entries(presented).map(([name, { names }]) => [name, names]));
}

/** Asks for one name of each certificate all the time. @returns `end`, which says what was presented instead */
function watch(mail: RenewingHost, rows: Rows): { end(): Promise<readonly string[]> } {
  const wrong = new Set<string>();
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      for (const names of Object.values(rows)) {
        const [name = ""] = names;
        const presented = await mail.presentedAnywhere(name);
        for (const other of presented)
          if (`${other.names}` !== `${[...names].sort()}`) wrong.add(`${name} is presented ${other.names}`);
      }
    }
  })();
  return {
    end: async () => {
      isWatching = false;
      await watching;
      return [...wrong];
    },
  };
}
