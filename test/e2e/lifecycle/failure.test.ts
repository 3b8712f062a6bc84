import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileTree, temporaryFiles } from "../../support/file-tree";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor, pemWith } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const LEDGER = ["/var/lib/mail-sni/"];
const HOUR = 3_600_000;

describeIf(engineUnderTest, "what fails", () => {
  describe("in a server", () => {
    let workspace: Workspace;
    let server: StandInServer;
    let pem: string;
    const { certificate, configuration } = domainPaths("a.test");
    beforeEach(async () => {
      workspace = await Workspace.open("in process");
      server = new StandInServer(workspace.directory);
      pem = await pemFor("a.test");
      for (const address of Object.keys(declared)) delete declared[address];
      declare({ good: domainFiles("good.test", await pemFor("good.test")) });
      await workspace.mustApply();
    });
    afterEach(() => workspace.close());

    const declared: Record<string, object> = {};
    /** Adds to, or replaces, what is declared. */
    const declare = (resources: Record<string, object | undefined>, services: object = {}) => {
      for (const [name, resource] of Object.entries(resources)) {
        if (resource) declared[`mailsni_host_files.${name}`] = resource;
        else delete declared[`mailsni_host_files.${name}`];
      }
      const { host } = server;
      workspace.declare({
        hosts: { mx1: { ...host, services: { ...host.services, ...services } } },
        resources: declared,
      });
    };
    /** Taken by the check, refused by the reload, as a name that is used up elsewhere would be. */
    const refuseAtReload = (name: string) =>
      server.on(
        "activate",
        `if grep -rq --include='*.conf' 'serve ${name}' "$root/etc/mail/conf.d"; then echo 'no reload for ${name}' >&2; exit 3; fi`,
      );

    it.each([
      [
        "its check refuses",
        (name: string) =>
          server.on(
            "check",
            `case $(cat "$root$4") in *${name}*) echo 'no check for ${name}' >&2; exit 3; esac`,
          ),
        "check",
      ],
      ["its reload refuses", refuseAtReload, "activate"],
    ] as const)(
      "GIVEN a create that %s THEN the host is as it was, and the state has nothing",
      async (_title, refuse, command) => {
        // Files of the administrator's, which a create that succeeds takes over.
        mkdirSync(server.path("/etc/mail/certs"), { recursive: true });
        writeFileSync(server.path(certificate), "the administrator's", { mode: 0o604 });
        writeFileSync(server.path(configuration), `serve a.test ${domainPaths("good.test").certificate}\n`);
        chmodSync(server.path(configuration), 0o600);
        const before = fileTree(server.root, LEDGER);
        refuse("a.test");

        declare({
          a: {
            ...domainFiles("a.test", pem),
            files: { ...domainFiles("a.test", pem).files, "/new/place": { text: "x" } },
          },
        });
        const failed = await workspace.apply();

        expect(failed.exitCode).toBe(1);
        const [message] = failed.errorsOf("mailsni_host_files.a");
        expect(message).toContain('on host "mx1" ended with exit status 3');
        expect(message).toContain(`no ${command === "check" ? "check" : "reload"} for a.test`);
        expect(message).toContain(command);
        expect(fileTree(server.root, LEDGER)).toEqual(before);
        expect(temporaryFiles(server.root)).toEqual([]);
        expect(Object.keys(workspace.state)).toEqual(["mailsni_host_files.good"]);

        // No activation is pending, and nothing claimed: without the domain there is nothing to do.
        server.behave();
        declare({ a: undefined });
        await expectNothingToDo(workspace);
      },
    );

    it("GIVEN a PEM that no server could present, known in the plan THEN it fails alone", async () => {
      declare({
        a: domainFiles("a.test", await pemFor("elsewhere.test")),
        other: domainFiles("other.test", await pemFor("other.test")),
      });
      expect((await workspace.plan()).exitCode).toBe(2);

      const failed = await workspace.apply();

      expect(failed.errorsOf("mailsni_host_files.a").join()).toContain("[CERTIFICATE_NAMES_MISSING]");
      expect(Object.keys(server.served).sort()).toEqual(["good.test", "other.test"]);
    });

    it("GIVEN a create that fails THEN the next apply makes it, and says what it takes over", async () => {
      refuseAtReload("a.test");
      declare({ a: domainFiles("a.test", pem) });
      expect((await workspace.apply()).exitCode).toBe(1);
      const before = server.served;
      expect(Object.keys(before)).toEqual(["good.test"]);
      server.behave();
      mkdirSync(server.path("/etc/mail/certs"), { recursive: true });
      writeFileSync(server.path(certificate), "the administrator's");

      const { changes, messages } = await workspace.mustApply();

      expect(changes).toEqual({ "mailsni_host_files.a": "create" });
      expect(messages.map(({ text }) => text).join()).toContain(
        `${certificate} existed already and was replaced`,
      );
      expect(server.served).toEqual({ ...before, ...server.wouldServe });
      await expectNothingToDo(workspace);
    });

    it("GIVEN an update that fails THEN the old files are whole and served, and the next plan is not empty", async () => {
      declare({ a: domainFiles("a.test", pem) });
      await workspace.mustApply();
      const before = fileTree(server.root, LEDGER);
      const { served } = server;
      server.on("activate", `if grep -rq renewed "$root/etc/mail"; then exit 3; fi`);

      const renewed = domainFiles("a.test", await pemFor("a.test"));
      const text = `serve a.test ${certificate}\nserve renewed ${certificate}\n`;
      const files = { ...renewed.files, [configuration]: { service: "mail", text } };
      declare({ a: { ...renewed, files } });
      const failed = await workspace.apply();

      expect(failed.exitCode).toBe(1);
      expect(fileTree(server.root, LEDGER)).toEqual(before);
      expect(temporaryFiles(server.root)).toEqual([]);
      expect(server.served).toEqual(served);
      expect(textInState(workspace, "a", configuration)).toBe(`serve a.test ${certificate}\n`);
      const plan = await workspace.plan();
      expect(plan.changes).toEqual({ "mailsni_host_files.a": "update" });
      expect(plan.output).toContain(`+ serve renewed ${certificate}`);

      server.behave();
      await workspace.mustApply();
      expect(server.served).toEqual(server.wouldServe);
      expect(Object.keys(server.served)).toEqual(["a.test", "renewed", "good.test"]);
      await expectNothingToDo(workspace);
    });

    it("GIVEN an update that one of two servers refuses THEN the other has it, and the state says so", async () => {
      const other = "/etc/other/a.conf";
      const withOther = (text: string, otherText: string) => {
        const files = domainFiles("a.test", pem);
        return {
          ...files,
          files: {
            ...files.files,
            [configuration]: { service: "mail", text },
            [other]: { service: "other", text: otherText },
          },
        };
      };
      const services = { other: { activate: ["true"] } };
      const old = `serve a.test ${certificate}\n`;
      declare({ a: withOther(old, "old\n") }, services);
      await workspace.mustApply();

      declare({ a: withOther("nonsense\n", "new\n") }, services);
      const failed = await workspace.apply();

      expect(failed.errorsOf("mailsni_host_files.a")).toHaveLength(1);
      expect(failed.errorsOf("mailsni_host_files.a")[0]).toContain("unknown setting nonsense");
      expect(server.read(other)).toBe("new\n");
      expect(server.read(configuration)).toBe(old);
      expect(textInState(workspace, "a", other)).toBe("new\n");
      expect(textInState(workspace, "a", configuration)).toBe(old);
      const plan = await workspace.plan();
      expect(plan.exitCode).toBe(2);
      expect(plan.output).toContain("+ nonsense");
      expect(plan.output).not.toContain("+ new");
    });

    it("GIVEN a server that is not running THEN that is said, and it is served after its start", async () => {
      writeFileSync(workspace.path("stopped"), "");
      declare({ a: domainFiles("a.test", pem) });

      const { messages } = await workspace.mustApply();

      expect(messages.map(({ text }) => text).join()).toContain("mail is not running");
      expect(Object.keys(server.wouldServe)).toEqual(["a.test", "good.test"]);
      await expectNothingToDo(workspace);
    });

    it("GIVEN a configuration that another file broke THEN no domain fails, and the activation stays pending", async () => {
      writeFileSync(server.path("/etc/mail/conf.d/local.conf"), "broken by hand\n");
      declare({ a: domainFiles("a.test", pem) });

      const { messages } = await workspace.mustApply();

      expect(messages.map(({ text }) => text).join()).toMatch(
        /was already broken and was not loaded.*unknown setting broken/,
      );
      expect(server.read(certificate)).toBe(pem);
      expect(Object.keys(server.served)).toEqual(["good.test"]);
      expect((await workspace.plan()).changes).toEqual({ "mailsni_host_files.a": "update" });

      writeFileSync(server.path("/etc/mail/conf.d/local.conf"), "");
      await workspace.mustApply();
      expect(server.served).toEqual(server.wouldServe);
      expect(Object.keys(server.served)).toEqual(["a.test", "good.test"]);
      await expectNothingToDo(workspace);
    });
  });

  describe("in some domains of many", () => {
    let workspace: Workspace;
    let server: StandInServer;
    let applied: EngineReport;
    const bad: Record<string, object> = {};
    beforeAll(async () => {
      workspace = await Workspace.open("in process");
      server = new StandInServer(workspace.directory);
      const whole = await pemFor("x.test");
      const pems: Record<string, string> = {
        broken: whole.replace(/MII/g, "%%%"),
        empty: "",
        cut: whole.slice(0, whole.length / 2),
        otherkey:
          (await pemFor("x.test")).split("-----BEGIN CERT")[0] +
          whole.slice(whole.indexOf("-----BEGIN CERT")),
        expired: await pemWith({
          dnsNames: ["expired.test"],
          notBefore: new Date(Date.now() - 48 * HOUR),
          notAfter: new Date(Date.now() - 24 * HOUR),
        }),
        future: await pemWith({
          dnsNames: ["future.test"],
          notBefore: new Date(Date.now() + 24 * HOUR),
          notAfter: new Date(Date.now() + 48 * HOUR),
        }),
        othername: await pemFor("another.test"),
      };
      const good = ["good1", "good2", "good3"];
      for (const name of good) pems[name] = await pemFor(`${name}.test`);
      const group = domainFiles("group.test", await pemFor("group.test"));
      Object.assign(group.files[domainPaths("group.test").certificate] ?? {}, { group: "no-such-group" });
      mkdirSync(server.path(domainPaths("directory.test").configuration), { recursive: true });
      writeFileSync(server.path("/etc/mail/blocked"), "a file");
      const nonsense = domainFiles("nonsense.test", await pemFor("nonsense.test"));
      nonsense.files[domainPaths("nonsense.test").configuration] = { service: "mail", text: "nonsense\n" };
      Object.assign(bad, {
        group,
        directory: domainFiles("directory.test", await pemFor("directory.test")),
        parent: { host: "mx1", files: { "/etc/mail/blocked/x.conf": { text: "x" } } },
        nonsense,
        nowhere: { ...domainFiles("nowhere.test", await pemFor("nowhere.test")), host: "mx2" },
      });
      workspace.declare({
        hosts: { mx1: server.host },
        resources: {
          // What has to be issued first is only known in the apply, as it is with a certificate.
          ...Object.fromEntries(
            Object.entries(pems).map(([name, pem]) => [`terraform_data.${name}`, { input: pem }]),
          ),
          ...Object.fromEntries(
            Object.keys(pems).map((name) => [
              `mailsni_host_files.${name}`,
              domainFiles(`${name}.test`, `\${terraform_data.${name}.output}`),
            ]),
          ),
          ...Object.fromEntries(
            Object.entries(bad).map(([name, files]) => [`mailsni_host_files.${name}`, files]),
          ),
        },
      });
      applied = await workspace.apply();
    }, 30_000);
    afterAll(() => workspace.close());

    it("THEN every other one of the same apply is there and served", () => {
      expect(applied.exitCode).toBe(1);
      const good = ["good1", "good2", "good3"];
      const files = Object.keys(workspace.state).filter((address) =>
        address.startsWith("mailsni_host_files"),
      );
      expect(files).toEqual(good.map((name) => `mailsni_host_files.${name}`));
      expect(Object.keys(server.served)).toEqual(good.map((name) => `${name}.test`));
      expect(server.served).toEqual(server.wouldServe);
      expect(temporaryFiles(server.root)).toEqual([]);
    });

    it.each([
      ["broken", /cannot be read|not.*base64|PEM/i],
      ["empty", /PEM/],
      ["cut", /PEM/],
      ["otherkey", /private key.*(belong|match)/i],
      ["expired", /expired|valid/i],
      ["future", /begins at/],
      ["othername", /othername\.test/],
    ])(
      "GIVEN the PEM of %s.test THEN its error names the file, the host and what to do",
      (name, expected) => {
        const [message] = applied.errorsOf(`mailsni_host_files.${name}`);
        expect(message).toContain(domainPaths(`${name}.test`).certificate);
        expect(message).toMatch(expected);
        expect(message).toContain('"mx1"');
      },
    );

    it.each([
      ["group", domainPaths("group.test").certificate, "Create the user or group on the host"],
      ["directory", domainPaths("directory.test").configuration, "Move it away"],
      ["parent", "/etc/mail/blocked is a file, but a directory is required there", "Move it away"],
      ["nonsense", "check", "unknown setting nonsense"],
    ])(
      "GIVEN %s.test THEN its error names what is in the way, the host and what to do",
      (name, where, remedy) => {
        const [message] = applied.errorsOf(`mailsni_host_files.${name}`);
        expect(message).toContain(where);
        expect(message).toContain(remedy);
        expect(message).toContain('"mx1"');
      },
    );

    it("GIVEN a host that the provider does not declare THEN the error says so", () => {
      const [message] = applied.errorsOf("mailsni_host_files.nowhere");
      expect(message).toContain('Host "mx2" is not known');
      expect(message).toContain("Declare it there");
    });
  });
});

function textInState(workspace: Workspace, name: string, path: string): unknown {
  const { files } = workspace.state[`mailsni_host_files.${name}`] as {
    files: Record<string, { text: unknown }>;
  };
  return files[path]?.text;
}
