import { TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { MailProtocol, Service } from "../../../lib";
import { testStack } from "../../support/synthesized";
import { certificateOf, served } from "./served";

describe("Service.custom", () => {
  const exim = Service.custom({
    name: "exim",
    pemPath: "/etc/exim4/sni/{name}.pem",
    defaultPemPath: "/etc/exim4/exim.pem",
    group: "Debian-exim",
    mode: "0640",
    endpoints: [{ port: 465, protocol: MailProtocol.TLS }],
    commands: { running: ["systemctl", "is-active", "exim4"] },
  });

  it("has one PEM a certificate, and links for its further names", () => {
    const { files, links } = exim.certificateFiles(certificateOf("a.tld", "smtp.a.tld"));

    expect(files).toMatchObject({
      "/etc/exim4/sni/a.tld.pem": { isPem: true, options: { mode: "0640", group: "Debian-exim" } },
    });
    expect(links).toEqual({ "/etc/exim4/sni/smtp.a.tld.pem": "a.tld.pem" });
  });

  it("GIVEN a port that the engine alone knows THEN it is refused as an expression", () => {
    const port = new TerraformVariable(testStack(), "port", { type: "number" }).numberValue;
    const endpoints = [{ port, protocol: MailProtocol.TLS }];
    const props = { name: "exim", pemPath: "/etc/{name}.pem", defaultPemPath: "/etc/d.pem", endpoints };

    expect(() => Service.custom(props)).toThrow(
      expect.objectContaining({
        code: "ENDPOINT_PORT",
        problem: "A Terraform expression is not a TCP port.",
      }),
    );
  });

  it("keeps the default, and has a placeholder for it", () => {
    expect(exim.defaultFiles(certificateOf("a.tld")).files).toMatchObject({
      "/etc/exim4/exim.pem": { options: { keep: true } },
    });
    expect(Object.keys(exim.hostFiles().placeholders ?? {})).toEqual(["/etc/exim4/exim.pem"]);
  });

  it("looks names up literally", () => {
    const certificates = served(certificateOf("a.tld", "smtp.a.tld"));

    expect(exim.lookup("smtp.a.tld", certificates).entry).toBe("/etc/exim4/sni/smtp.a.tld.pem");
    expect(exim.lookup("SMTP.a.tld", certificates).certificate).toBeUndefined();
  });

  it("refuses a wildcard", () => {
    expect(() => exim.certificateFiles(certificateOf("a.tld", "*.a.tld"))).toThrow(
      expect.objectContaining({ code: "SNI004" }),
    );
  });

  it.each([
    ["a pattern without a name", { pemPath: "/etc/exim4/sni.pem" }, "PATTERN_INVALID"],
    ["a relative pattern", { pemPath: "sni/{name}.pem" }, "PATH_INVALID"],
    ["a relative default", { defaultPemPath: "exim.pem" }, "PATH_INVALID"],
    ["an empty command", { commands: { activate: [] } }, "COMMAND_EMPTY"],
    ["a mode that is none", { mode: "640 " }, "MODE_INVALID"],
  ])("refuses %s", (_, change, code) => {
    const props = { name: "exim", pemPath: "/sni/{name}.pem", defaultPemPath: "/default.pem" };

    expect(() => Service.custom({ ...props, ...change })).toThrow(expect.objectContaining({ code }));
  });
});
