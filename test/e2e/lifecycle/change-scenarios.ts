import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { fileTree } from "../../support/file-tree";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { Workspace } from "../../support/workspace";

const LEDGER = ["/var/lib/mail-sni/"];

/** From the first apply to the destruction. */
export function changeScenarios(provider: "vendored" | "in process"): void {
  describeIf(engineUnderTest, `a stack's life with the provider ${provider}`, () => {
    let workspace: Workspace;
    let server: StandInServer;
    let before: Record<string, string>;
    beforeAll(async () => {
      workspace = await Workspace.open(provider);
      server = new StandInServer(workspace.directory);
      before = fileTree(server.root);
    });
    afterAll(() => workspace.close());

    const declare = (domains: Readonly<Record<string, object>>) =>
      workspace.declare({
        hosts: { mx1: server.host },
        resources: {
          "mailsni_private_ca.ca": {},
          "mailsni_host_files.base": { host: "mx1", role: "base", directories: { "/etc/mail/certs": {} } },
          ...Object.fromEntries(
            Object.entries(domains).flatMap(([name, overrides]) => issuedDomain(name, overrides)),
          ),
        },
      });

    it("GIVEN an empty host WHEN it is applied THEN every file is as declared and served, and nothing is left to do", async () => {
      declare({ a: {}, b: {} });

      await workspace.mustApply();

      const { certificate, configuration, link } = domainPaths("a.test");
      const pem = server.read(certificate);
      const { certificate_pem, chain_pem, private_key_pem } =
        workspace.state["mailsni_private_certificate.a"] ?? {};
      expect(pem).toBe(`${private_key_pem}${certificate_pem}${chain_pem}`);
      expect(new X509Certificate(`${certificate_pem}`).subjectAltName).toBe("DNS:a.test, DNS:www.a.test");
      expect(server.read(link)).toBe(pem);
      const tree = fileTree(server.root);
      expect(tree[certificate]).toMatch(/^file 0640 /);
      expect(tree[configuration]).toMatch(/^file 0644 /);
      expect(tree[link]).toBe("link to ../certs/a.test.pem");
      expect(Object.keys(server.served)).toEqual(["a.test", "b.test"]);
      expect(server.served).toEqual(server.wouldServe);
      await expectNothingToDo(workspace);
    });

    it("GIVEN another text and mode WHEN it is applied THEN that resource alone changes, and is served", async () => {
      const { certificate, configuration } = domainPaths("a.test");
      const text = `serve a.test ${certificate}\nserve www.a.test ${certificate}\n`;
      declare({ a: { text, mode: "0600" }, b: {} });
      server.forgetJournal();

      const { changes, output } = await workspace.mustApply();

      expect(changes).toEqual({ "mailsni_host_files.a": "update" });
      expect(output).toContain(`+ serve www.a.test ${certificate}`);
      expect(output).toMatch(/~ mode += "0640" -> "0600"/);
      expect(server.read(configuration)).toBe(text);
      expect(fileTree(server.root)[certificate]).toMatch(/^file 0600 /);
      expect(Object.keys(server.served)).toEqual(["a.test", "www.a.test", "b.test"]);
      expect(server.journal.filter((command) => command === "activate")).toHaveLength(1);
      await expectNothingToDo(workspace);
    });

    it("GIVEN a domain that is removed WHEN it is applied THEN its files and links go, and nothing else", async () => {
      const { certificate, configuration, link } = domainPaths("b.test");
      const whole = fileTree(server.root, LEDGER);
      declare({ a: { text: server.read(domainPaths("a.test").configuration), mode: "0600" } });

      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({
        "mailsni_host_files.b": "delete",
        "mailsni_private_certificate.b": "delete",
      });
      const { [certificate]: _pem, [configuration]: _text, [link]: _link, ...others } = whole;
      expect(fileTree(server.root, LEDGER)).toEqual(others);
      expect(server.served).toEqual(server.wouldServe);
      await expectNothingToDo(workspace);
    });

    it("GIVEN a domain in front of the others WHEN it is applied THEN it alone is created", async () => {
      declare({ "0": {}, a: { text: server.read(domainPaths("a.test").configuration), mode: "0600" } });

      const { changes } = await workspace.mustApply();

      expect(changes).toEqual({
        "mailsni_host_files.d_0": "create",
        "mailsni_private_certificate.d_0": "create",
      });
      await expectNothingToDo(workspace);
    });

    it("WHEN it is destroyed THEN the host is as it was before the first apply", async () => {
      expect((await workspace.destroy()).exitCode).toBe(0);

      const {
        "/var": _var,
        "/var/lib": _lib,
        "/var/lib/mail-sni": _directory,
        ...tree
      } = fileTree(server.root, LEDGER);
      expect(tree).toEqual(before);
      expect(server.served).toEqual({});
    });
  });
}

/** A certificate of the private CA, and the files that carry it. */
function issuedDomain(label: string, { text, mode = "0640" }: { text?: string; mode?: string }) {
  const name = `${label}.test`;
  const id = /^\d/.test(label) ? `d_${label}` : label;
  const issued = `mailsni_private_certificate.${id}`;
  const { certificate, configuration } = domainPaths(name);
  const files = domainFiles(
    name,
    `\${${issued}.private_key_pem}\${${issued}.certificate_pem}\${${issued}.chain_pem}`,
  );
  files.files[certificate] = { service: "mail", mode };
  if (text) files.files[configuration] = { service: "mail", text };
  return [
    [
      issued,
      {
        ca_certificate_pem: `\${mailsni_private_ca.ca.certificate_pem}`,
        ca_private_key_pem: `\${mailsni_private_ca.ca.private_key_pem}`,
        names: [name, `www.${name}`],
      },
    ],
    [`mailsni_host_files.${id}`, { ...files, depends_on: ["mailsni_host_files.base"] }],
  ] as const;
}
