import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { describeIf, faketime } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { type RunOptions, Workspace } from "../../support/workspace";

const DAY_HOURS = 24;

describeIf(engineUnderTest, "a reissued certificate of the private CA", () => {
  let workspace: Workspace;
  let server: StandInServer;
  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    server = new StandInServer(workspace.directory);
  });
  afterAll(() => workspace.close());

  /** How long each certificate is valid, and for which names. */
  const declare = (domains: Readonly<Record<string, { days: number; names: readonly string[] }>>) =>
    workspace.declare({
      hosts: { mx1: server.host },
      resources: {
        "mailsni_private_ca.ca": {},
        ...Object.fromEntries(
          Object.entries(domains).flatMap(([name, { days, names }]) => {
            const issued = `mailsni_private_certificate.${name}`;
            const pem = `\${${issued}.private_key_pem}\${${issued}.certificate_pem}\${${issued}.chain_pem}`;
            return [
              [
                issued,
                {
                  ca_certificate_pem: `\${mailsni_private_ca.ca.certificate_pem}`,
                  ca_private_key_pem: `\${mailsni_private_ca.ca.private_key_pem}`,
                  names,
                  validity_hours: days * DAY_HOURS,
                  renew_before_hours: 10 * DAY_HOURS,
                },
              ],
              [`mailsni_host_files.${name}`, { ...domainFiles(`${name}.test`, pem), names }],
            ];
          }),
        ),
      },
    });

  const fingerprint = (name: string) => new X509Certificate(certificateOf(server, name)).fingerprint256;
  const ofDomain = (name: string, action: string) => ({
    [`mailsni_private_certificate.${name}`]: action,
    [`mailsni_host_files.${name}`]: action,
  });

  it("GIVEN other names THEN it is issued again in place, and what carries it is updated", async () => {
    declare({ short: { days: 30, names: ["short.test"] }, long: { days: 90, names: ["long.test"] } });
    await workspace.mustApply();
    const [short, long] = [fingerprint("short"), fingerprint("long")];

    const names = ["long.test", "mail.long.test"];
    declare({ short: { days: 30, names: ["short.test"] }, long: { days: 90, names } });
    const { changes } = await workspace.mustApply();

    expect(changes).toEqual(ofDomain("long", "update"));
    expect(fingerprint("short")).toBe(short);
    expect(fingerprint("long")).not.toBe(long);
    expect(new X509Certificate(certificateOf(server, "long")).subjectAltName).toContain("mail.long.test");
    expect(server.served).toEqual(server.wouldServe);
    await expectNothingToDo(workspace);
  });

  describeIf(faketime, "when its renewal is due", () => {
    const inDays = (days: number): RunOptions => ({ through: ["faketime", "-f", `+${days}d`] });

    it("GIVEN a renewal that is not due yet THEN there is nothing to do", () =>
      expectNothingToDo(workspace, inDays(15)));

    it("GIVEN one that is due THEN the plan shows it and what carries it, nothing else, AND an apply does it", async () => {
      const [short, long] = [fingerprint("short"), fingerprint("long")];

      const { changes, output } = await workspace.mustApply(inDays(21));

      expect(changes).toEqual(ofDomain("short", "update"));
      expect(output).toMatch(/renewal_due += true -> false/);
      expect(fingerprint("short")).not.toBe(short);
      expect(fingerprint("long")).toBe(long);
      expect(server.served).toEqual(server.wouldServe);
      await expectNothingToDo(workspace, inDays(21));
    });

    it("GIVEN one that has expired meanwhile THEN that is no obstacle to its renewal, nor to others", async () => {
      const { changes } = await workspace.mustApply(inDays(120));

      expect(changes).toEqual({ ...ofDomain("short", "update"), ...ofDomain("long", "update") });
      await expectNothingToDo(workspace, inDays(120));
    });
  });
});

function certificateOf(server: StandInServer, name: string): string {
  const pem = server.read(domainPaths(`${name}.test`).certificate);
  return pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"));
}
