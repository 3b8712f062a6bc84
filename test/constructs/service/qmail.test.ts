import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Qmail, QmailSmtps } from "../../../lib";
import { certificateOf, served } from "./served";

describe("Qmail", () => {
  const qmail = Qmail.standard();

  it("has the PEM under the certificate's first name, and a link to it under each other one", () => {
    const { files, links } = qmail.certificateFiles(certificateOf("domain2.tld", "smtp.domain2.tld"));

    expect(Object.keys(files ?? {})).toEqual(["/var/qmail/control/servercerts/domain2.tld/servercert.pem"]);
    expect(links).toEqual({
      "/var/qmail/control/servercerts/smtp.domain2.tld/servercert.pem": "../domain2.tld/servercert.pem",
    });
  });

  it("lets only qmail-smtpd's group read", () => {
    const { files } = qmail.certificateFiles(certificateOf("a.tld"));

    expect(Object.values(files ?? {})[0]).toMatchObject({
      isPem: true,
      contents: "PEM of a.tld\n",
      options: { mode: "0640", owner: "root", group: "vchkpw" },
    });
  });

  it("keeps the default's PEM when it is no longer declared", () => {
    const { files } = qmail.defaultFiles(certificateOf("a.tld"));

    expect(files).toMatchObject({
      "/var/qmail/control/servercert.pem": {
        isPem: true,
        options: { keep: true, mode: "0640", group: "vchkpw" },
      },
    });
  });

  it("has a searchable directory and a placeholder before there is any certificate", () => {
    expect(qmail.hostFiles()).toEqual({
      directories: { "/var/qmail/control/servercerts": { mode: "0755" } },
      placeholders: {
        "/var/qmail/control/servercert.pem": { mode: "0640", owner: "root", group: "vchkpw" },
      },
    });
  });

  it("needs no command: each connection reads the files", () => {
    expect(qmail.commands).toEqual({});
  });

  it.each([
    ["without a word", undefined, [465, "tls", false, true]],
    ["with sslserver", QmailSmtps.SSLSERVER, [465, "tls", false, false]],
    ["with tcpserver and SMTPS=1", QmailSmtps.PER_NAME, [465, "tls", true, false]],
    ["without smtps", QmailSmtps.NONE, undefined],
  ])(
    "%s has STARTTLS on 587 and 25 if they are in use and, on 465, looks at names only where qmail-smtpd runs",
    (_, smtps, last) => {
      const [submission, smtp, ...others] = Qmail.standard({ smtps }).endpoints;

      expect([submission, smtp]).toEqual([
        { port: 587, protocol: "smtp", optional: true },
        { port: 25, protocol: "smtp", optional: true },
      ]);
      expect(others.map(({ port, protocol, sni, optional }) => [port, protocol, sni, optional])).toEqual(
        last ? [last] : [],
      );
    },
  );

  it("can be installed elsewhere, for another group", () => {
    const other = Qmail.standard({ directory: "/opt/qmail", group: "89", owner: "vpopmail", mode: "0440" });

    expect(other.defaultFiles(certificateOf("a.tld")).files).toMatchObject({
      "/opt/qmail/control/servercert.pem": { options: { owner: "vpopmail", group: "89", mode: "0440" } },
    });
  });

  it("refuses a wildcard, and asks for a list of names", () => {
    expect(() => qmail.certificateFiles(certificateOf("a.tld", "*.a.tld"))).toThrow(
      expect.objectContaining({ code: "SNI004", remedy: expect.stringContaining("imap.a.tld") }),
    );
  });

  it.each([
    ["a relative path", { directory: "var/qmail" }, "PATH_INVALID"],
    ["a path that climbs", { directory: "/var/../qmail" }, "PATH_INVALID"],
    ["a mode that is none", { mode: "rw-r-----" }, "MODE_INVALID"],
    ["an invalid port", { endpoints: [{ port: 0, protocol: "smtp" as never }] }, "ENDPOINT_PORT"],
    ["a name in capitals", { name: "Qmail" }, "SERVICE_NAME_INVALID"],
  ])("refuses %s", (_, options, code) => {
    expect(() => Qmail.standard(options)).toThrow(expect.objectContaining({ code }));
  });

  describe("lookup (the table of qmail-smtpd)", () => {
    const certificates = served(
      certificateOf("domain1.tld"),
      certificateOf("domain2.tld", "smtp.domain2.tld", "xn--bcher-kva.example"),
    );

    it.each(["domain2.tld", "smtp.domain2.tld", "xn--bcher-kva.example"])("finds %s", (name) => {
      expect(qmail.lookup(name, certificates)).toMatchObject({
        certificate: { name: "domain2.tld" },
        entry: `/var/qmail/control/servercerts/${name}/servercert.pem`,
      });
    });

    it.each(["DOMAIN2.TLD", "domain2.tld.", "imap.domain2.tld", "unknown.tld"])(
      "has nothing for %s, and says why",
      (name) => {
        const { certificate, reason } = qmail.lookup(name, certificates);

        expect(certificate).toBeUndefined();
        expect(reason).toMatch(/literally|there is no/);
      },
    );
  });

  it("links every name to one PEM of the certificate", () => {
    const name = fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,3}){1,2}$/);

    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
        const { files = {}, links = {} } = qmail.certificateFiles(certificateOf(...(names as [string])));
        const [pem] = Object.keys(files);

        for (const wanted of names) {
          const path = `/var/qmail/control/servercerts/${wanted}/servercert.pem`;
          expect(path === pem || posix.join(posix.dirname(path), links[path] as string) === pem).toBe(true);
        }
        expect(Object.keys(files)).toHaveLength(1);
        expect(Object.keys(links)).toHaveLength(names.length - 1);
      }),
    );
  });
});
