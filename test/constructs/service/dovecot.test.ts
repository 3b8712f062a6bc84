import { describe, expect, it } from "vitest";
import { Dovecot, IncludePosition } from "../../../lib";
import { certificateOf, served } from "./served";

function textOf(files: ReturnType<Dovecot["hostFiles"]>["files"], path: string): string {
  return files?.[path]?.contents ?? `nothing at ${path}`;
}

describe.each([
  { version: "2.3", dovecot: Dovecot.v23() },
  { version: "2.4", dovecot: Dovecot.v24() },
])("Dovecot $version", ({ version, dovecot }) => {
  it("has one PEM and one snippet a certificate", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld", "imap.a.tld"));

    expect(Object.entries(files ?? {}).map(([path, { isPem }]) => [path, isPem])).toEqual([
      ["/etc/dovecot/mail-sni/a.tld.pem", true],
      [`/etc/dovecot/mail-sni/${version}/a.tld.conf`, false],
    ]);
  });

  it("includes the snippets of its own version, and tolerates that there are none", () => {
    const main = Object.values(dovecot.hostFiles().files ?? {})[0]?.contents;

    expect(main).toContain(`\n!include_try /etc/dovecot/mail-sni/${version}/*.conf\n`);
  });

  it("keeps the default's PEM and the file that names it when they are no longer declared", () => {
    const { files = {} } = dovecot.defaultFiles(certificateOf("a.tld"));

    expect(Object.values(files).every(({ options }) => options.keep)).toBe(true);
    expect(textOf(files, "/etc/dovecot/conf.d/99-mail-sni-default.conf")).toContain(
      "/etc/dovecot/mail-sni/default.pem\n",
    );
  });

  it("has a placeholder where the configuration names no certificate, just as the default will be", () => {
    const { placeholders } = dovecot.hostFiles();

    expect(placeholders).toEqual({
      "/etc/dovecot/mail-sni/default.pem": {
        configurationFile: "/etc/dovecot/conf.d/99-mail-sni-default.conf",
        configurationText: textOf(
          dovecot.defaultFiles(certificateOf("a.tld")).files,
          "/etc/dovecot/conf.d/99-mail-sni-default.conf",
        ),
      },
    });
  });

  it("has no entry for a wildcard that is in the certificate", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld", "*.a.tld"));

    expect(textOf(files, `/etc/dovecot/mail-sni/${version}/a.tld.conf`)).not.toContain("*");
  });

  it("fits the longest domain into a file name", () => {
    const longest = ["a", "b", "c", "d"]
      .map((letter) => letter.repeat(61))
      .join(".")
      .padEnd(253, ".tld");
    const names = [longest, longest.replace(/.$/, "x")].flatMap((domain) =>
      Object.keys(dovecot.certificateFiles(certificateOf(domain)).files ?? {}).map((path) =>
        path.replace(/.*\//, ""),
      ),
    );

    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(255);
  });

  it("refuses a certificate without any exact name", () => {
    expect(() => dovecot.certificateFiles({ name: "a.tld", names: ["*.a.tld"], pem: "" })).toThrow(
      expect.objectContaining({ code: "DOMAIN_WITHOUT_HOST_NAME" }),
    );
  });

  it("tells the instance that it is told to", () => {
    const make = version === "2.3" ? Dovecot.v23 : Dovecot.v24;
    const { commands, configuration } = make({
      directory: "/srv/dovecot",
      configurationFile: "/srv/dovecot/other.conf",
      doveconf: ["chroot", "/trixie", "doveconf"],
      doveadm: ["chroot", "/trixie", "doveadm"],
    });

    expect(commands.check).toEqual(["chroot", "/trixie", "doveconf", "-x", "-n", "-c", "{candidate}"]);
    expect(commands.activate).toEqual([
      "chroot",
      "/trixie",
      "doveadm",
      "-c",
      "/srv/dovecot/other.conf",
      "reload",
    ]);
    expect(commands.chosen).toEqual(
      expect.arrayContaining(["chroot", "/trixie", "doveconf", "-c", "/srv/dovecot/other.conf"]),
    );
    expect(configuration.file).toBe("/srv/dovecot/other.conf");
  });

  it.each([
    ["an empty command", { doveconf: [] }, "COMMAND_EMPTY"],
    ["a directory with a blank in it", { directory: "/etc/my dovecot" }, "PATH_INVALID"],
    ["a directory with a comment sign in it", { directory: "/etc/dovecot#1" }, "PATH_INVALID"],
    [
      "a configuration file that climbs",
      { configurationFile: "/etc/dovecot/../dovecot.conf" },
      "PATH_INVALID",
    ],
  ])("refuses %s", (_, options, code) => {
    const make = version === "2.3" ? Dovecot.v23 : Dovecot.v24;

    expect(() => make(options)).toThrow(expect.objectContaining({ code }));
  });

  describe("lookup", () => {
    const certificates = served(certificateOf("d.tld"), certificateOf("a.tld", "imap.a.tld", "*.a.tld"));

    it.each(["a.tld", "imap.a.tld", "IMAP.A.tld"])("finds %s", (name) => {
      expect(dovecot.lookup(name, certificates)).toMatchObject({
        certificate: { name: "a.tld" },
        entry: expect.stringContaining(`mail-sni/${version}/a.tld.conf`),
      });
    });

    it.each([
      ["smtp.a.tld", /^no local_name block in .* has smtp\.a\.tld$/],
      ["a.tld.", /takes a trailing dot for a part of the name$/],
      ["*.a.tld", version === "2.4" ? /alert 112$/ : /has \*\.a\.tld$/],
      ["unknown.tld", /^no local_name block in .* has unknown\.tld$/],
    ])("GIVEN %s THEN it has nothing, and says why", (name, why) => {
      const { certificate, reason } = dovecot.lookup(name, certificates);

      expect(certificate).toBeUndefined();
      expect(reason).toMatch(why);
    });

    it.each(["*.a.tld", "../x", "a..tld", "a b.tld", "bücher.tld"])(
      "GIVEN %j THEN it answers with an alert where the version is 2.4, and with the default before",
      (name) => {
        const { refused, reason } = dovecot.lookup(name, certificates);

        expect(refused).toBe(version === "2.4" ? true : undefined);
        expect(reason).toMatch(version === "2.4" ? /alert 112$/ : /^no local_name block in /);
      },
    );
  });
});

describe("Dovecot 2.3, where the first block that matches wins", () => {
  const dovecot = Dovecot.v23();

  it("includes snippets before anything else in conf.d, and the default behind all of it", () => {
    expect(Object.keys(dovecot.hostFiles().files ?? {})).toEqual(["/etc/dovecot/conf.d/05-mail-sni.conf"]);
    expect(dovecot.configuration).toMatchObject({ position: IncludePosition.FIRST, head: undefined });
  });

  it("takes the limit off the configuration process", () => {
    expect(Object.values(dovecot.hostFiles().files ?? {})[0]?.contents).toContain("  vsz_limit = 0\n");
  });

  it("has all names in one quoted block, the first again at its end so that it is merged with no other block", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld", "imap.a.tld", "smtp.a.tld"));
    const snippet = textOf(files, "/etc/dovecot/mail-sni/2.3/a.tld.conf");

    expect(snippet.match(/^local_name .*$/gm)).toEqual(['local_name "a.tld imap.a.tld smtp.a.tld a.tld" {']);
    expect(snippet).toContain(
      "  ssl_cert = </etc/dovecot/mail-sni/a.tld.pem\n  ssl_key = </etc/dovecot/mail-sni/a.tld.pem\n",
    );
  });

  it("writes a single name twice as well", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld"));

    expect(textOf(files, "/etc/dovecot/mail-sni/2.3/a.tld.conf")).toContain('local_name "a.tld a.tld" {\n');
  });

  it("presents no second pair that is set elsewhere", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld"));

    expect(textOf(files, "/etc/dovecot/mail-sni/2.3/a.tld.conf")).toMatch(/^ {2}ssl_alt_cert =$/m);
    expect(textOf(files, "/etc/dovecot/mail-sni/2.3/a.tld.conf")).toMatch(/^ {2}ssl_alt_key =$/m);
  });
});

describe("Dovecot 2.4, where the last block that matches wins", () => {
  const dovecot = Dovecot.v24();

  it("includes snippets behind everything else, and puts the version lines on top of a candidate", () => {
    expect(Object.keys(dovecot.hostFiles().files ?? {})).toEqual(["/etc/dovecot/conf.d/99-mail-sni.conf"]);
    expect(dovecot.configuration).toMatchObject({
      position: IncludePosition.LAST,
      head: "^dovecot_(config|storage)_version",
    });
  });

  it("takes the limit off the configuration process, in the words of 2.4", () => {
    expect(Object.values(dovecot.hostFiles().files ?? {})[0]?.contents).toContain(
      "  vsz_limit = unlimited\n",
    );
  });

  it("has a block a name", () => {
    const { files } = dovecot.certificateFiles(certificateOf("a.tld", "imap.a.tld"));
    const snippet = textOf(files, "/etc/dovecot/mail-sni/2.4/a.tld.conf");

    expect(snippet.match(/^local_name .*$/gm)).toEqual(["local_name a.tld {", "local_name imap.a.tld {"]);
    expect(snippet.match(/ssl_server_cert_file = \/etc\/dovecot\/mail-sni\/a\.tld\.pem$/gm)).toHaveLength(2);
  });

  it("presents no second pair that is set elsewhere", () => {
    expect(Object.values(dovecot.hostFiles().files ?? {})[0]?.contents).toMatch(
      /^ssl_server_alt_cert_file =$/m,
    );
  });
});
