import { resolve } from "node:path";
import { TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  Dovecot,
  type IMailService,
  Lookup,
  MailHost,
  MailProtocol,
  MailSni,
  Ownership,
  PrivateCa,
  Qmail,
  QmailSmtps,
  Service,
} from "../../../lib";
import { type Json, synthesized, testApp, testStack } from "../../support/synthesized";

/** The stack's JSON with a default domain on each of its hosts, without which it is refused. */
function withDefault(stack: TerraformStack, ...hosts: MailHost[]): Json {
  new MailSni(stack, "sni", { hosts, issuer: new PrivateCa(stack, "ca"), defaultDomain: "a.tld" }).addDomain(
    "a.tld",
  );
  return synthesized(stack);
}

/** A service that is no class of the library, and so checked by none. */
function own(members: Partial<IMailService>): IMailService {
  return {
    name: "own",
    endpoints: [],
    commands: {},
    hostFiles: () => ({}),
    certificateFiles: () => ({}),
    defaultFiles: () => ({}),
    lookup: () => Lookup.byDefault("it has none"),
    ...members,
  };
}

describe("MailHost.local", () => {
  it("is an entry of the stack's one provider block", () => {
    const stack = testStack("mail");
    const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard()] });
    const mx2 = MailHost.local(stack, "mx2.example.org", { root: "./out/mx2", services: [Dovecot.v24()] });

    const { provider } = withDefault(stack, mx1, mx2);

    expect(provider.mailsni).toHaveLength(1);
    expect(provider.mailsni[0].stack).toBe("mail");
    expect(Object.keys(provider.mailsni[0].hosts)).toEqual(["mx1", "mx2.example.org"]);
  });

  it("says nothing of what has a default in the provider", () => {
    const stack = testStack();
    const json = withDefault(stack, MailHost.local(stack, "mx1", { services: [Qmail.standard()] }));

    expect(json.provider.mailsni[0].hosts.mx1).toEqual({
      services: {
        qmail: {
          endpoints: [
            { port: 587, protocol: "smtp" },
            { port: 25, protocol: "smtp" },
            { port: 465, protocol: "tls", sni: false },
          ],
        },
      },
    });
  });

  it("hands all endpoints to the provider, and says which ignore SNI", () => {
    const stack = testStack();
    const smtps = (name: string, what: QmailSmtps) =>
      Qmail.standard({ name, directory: `/${name}`, smtps: what });
    const services = [smtps("stock", QmailSmtps.SSLSERVER), smtps("other", QmailSmtps.PER_NAME)];
    const json = withDefault(stack, MailHost.local(stack, "mx1", { services }));

    const endpointsOf = (service: string): unknown[] =>
      json.provider.mailsni[0].hosts.mx1.services[service].endpoints;
    expect(endpointsOf("stock")[2]).toEqual({ port: 465, protocol: "tls", sni: false });
    expect(endpointsOf("other")[2]).toEqual({ port: 465, protocol: "tls" });
  });

  it("hands over ownership and state directory", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", {
      services: [Qmail.standard()],
      root: "/srv/trixie",
      ownership: Ownership.APPLY,
      stateDirectory: "/var/lib/other",
    });

    expect(withDefault(stack, mx1).provider.mailsni[0].hosts.mx1).toMatchObject({
      root: "/srv/trixie",
      ownership: "apply",
      state_directory: "/var/lib/other",
    });
  });

  it("takes a relative root from the project, and writes it for engines, which run in the stack's directory", () => {
    const app = testApp();
    const stack = new TerraformStack(app, "stack");
    const mx1 = MailHost.local(stack, "mx1", { root: "./out/mx1", services: [Qmail.standard()] });

    const { root } = withDefault(stack, mx1).provider.mailsni[0].hosts.mx1;

    expect(root).toMatch(/^\.\.\//);
    expect(resolve(app.outdir, "stacks/stack", root)).toBe(resolve("out/mx1"));
  });

  it("keeps a literal root literal", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { root: "/srv/${x} y", services: [Qmail.standard()] });

    expect(withDefault(stack, mx1).provider.mailsni[0].hosts.mx1.root).toBe("/srv/$${x} y");
  });

  it("hands commands over as literals", () => {
    const stack = testStack();
    const custom = Service.custom({
      name: "exim",
      pemPath: "/sni/{name}.pem",
      defaultPemPath: "/default.pem",
      commands: { activate: ["sh", "-c", "kill -HUP ${PID}"] },
    });

    const { hosts } = withDefault(stack, MailHost.local(stack, "mx1", { services: [custom] })).provider
      .mailsni[0];

    expect(hosts.mx1.services.exim.activate).toEqual(["sh", "-c", "kill -HUP $${PID}"]);
  });

  it("describes a Dovecot to the provider in the provider's words", () => {
    const stack = testStack();
    const json = withDefault(stack, MailHost.local(stack, "mx1", { services: [Dovecot.v24()] }));

    expect(json.provider.mailsni[0].hosts.mx1.services.dovecot).toMatchObject({
      config: {
        file: "/etc/dovecot/dovecot.conf",
        include: "!include {path}",
        position: "last",
        head: "^dovecot_(config|storage)_version",
      },
      activate: ["doveadm", "-c", "/etc/dovecot/dovecot.conf", "reload"],
      default_certificate: expect.arrayContaining(["ssl_server/cert_file"]),
      chosen: expect.arrayContaining(["local_name={name}"]),
      name_blocks: { pattern: "^local_name (.+) \\{$" },
    });
  });

  it("is prepared by one resource, on which all others depend alone", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard(), Dovecot.v23()] });

    const { base__mx1: base, ...others } = withDefault(stack, mx1).resource.mailsni_host_files;

    expect(base).toMatchObject({
      host: "mx1",
      role: "base",
      directories: { "/var/qmail/control/servercerts": { mode: "0755" } },
      files: { "/etc/dovecot/conf.d/05-mail-sni.conf": { service: "dovecot" } },
      placeholders: { "/var/qmail/control/servercert.pem": { service: "qmail", group: "vchkpw" } },
    });
    expect(base).not.toHaveProperty("depends_on");
    expect(base).not.toHaveProperty("secrets");
    for (const other of Object.values<Json>(others)) {
      expect(other.depends_on).toEqual(["mailsni_host_files.base__mx1"]);
    }
  });

  it.each([
    ["no service", () => ({ services: [] }), "SERVICES_EMPTY"],
    ["two services of one name", () => ({ services: [Dovecot.v23(), Dovecot.v24()] }), "SERVICE_TWICE"],
    [
      "two services that write one file",
      () => ({ services: [Qmail.standard(), Qmail.standard({ name: "other" })] }),
      "PATH_TWICE",
    ],
    [
      "a service of one's own without a proper name",
      () => ({ services: [own({ name: "__proto__" })] }),
      "SERVICE_NAME_INVALID",
    ],
    [
      "a service of one's own at no port",
      () => ({ services: [own({ endpoints: [{ port: 0, protocol: MailProtocol.TLS }] })] }),
      "ENDPOINT_PORT",
    ],
    [
      "a service of one's own with an empty command",
      () => ({ services: [own({ commands: { activate: [] } })] }),
      "COMMAND_EMPTY",
    ],
    ["a root of nothing", () => ({ services: [Qmail.standard()], root: "" }), "ROOT_INVALID"],
    ["a root with a newline", () => ({ services: [Qmail.standard()], root: "/srv\n" }), "ROOT_INVALID"],
    [
      "a relative state directory",
      () => ({ services: [Qmail.standard()], stateDirectory: "var" }),
      "PATH_INVALID",
    ],
  ])("refuses %s", (_, props, code) => {
    expect(() => MailHost.local(testStack(), "mx1", props())).toThrow(expect.objectContaining({ code }));
  });

  it("refuses a root that is known later only", () => {
    const stack = testStack();
    const root = new TerraformVariable(stack, "root", { type: "string" }).stringValue;

    expect(() => MailHost.local(stack, "mx1", { root, services: [Qmail.standard()] })).toThrow(
      expect.objectContaining({ code: "ROOT_INVALID" }),
    );
  });

  it("refuses two hosts of one name, wherever they stand, and names both", () => {
    const stack = testStack();
    const ca = new PrivateCa(stack, "scope");
    MailHost.local(stack, "mx1", { services: [Qmail.standard()] });

    expect(() => MailHost.local(ca, "mx1", { services: [Qmail.standard()] })).toThrow(
      expect.objectContaining({
        code: "HOST_TWICE",
        problem: expect.stringMatching(/stack\/mx1.*stack\/scope\/mx1/),
      }),
    );
  });

  it.each([
    [undefined, "/", "this machine"],
    ["./out/mx1", `${process.cwd()}/out/../out/mx1/`, `the directory ${process.cwd()}/out/mx1`],
  ])("refuses to be where another host is: %j, %j", (root, sameRoot, place) => {
    const stack = testStack();
    MailHost.local(stack, "mx1", { root, services: [Qmail.standard()] });

    expect(() => MailHost.local(stack, "mx2", { root: sameRoot, services: [Dovecot.v23()] })).toThrow(
      expect.objectContaining({
        code: "HOST_PLACE_TWICE",
        problem: `The mail hosts "mx1" and "mx2" are the same place: ${place}.`,
      }),
    );
  });

  it("lets hosts be in directories of their own, one within another", () => {
    const stack = testStack();
    const mx1 = MailHost.local(stack, "mx1", { services: [Qmail.standard()] });
    const mx2 = MailHost.local(stack, "mx2", { root: "./out", services: [Qmail.standard()] });
    const mx3 = MailHost.local(stack, "mx3", { root: "./out/mx3", services: [Qmail.standard()] });

    expect(Object.keys(withDefault(stack, mx1, mx2, mx3).provider.mailsni[0].hosts)).toHaveLength(3);
  });

  it("refuses to be without a default certificate", () => {
    const stack = testStack();
    MailHost.local(stack, "mx1", { services: [Qmail.standard()] });

    expect(() => synthesized(stack)).toThrow(/\[stack\/mx1\].*\[SNI002\]/);
  });
});
