import { createPrivateKey } from "node:crypto";
import { resolve } from "node:path";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  Certificate,
  Dovecot,
  HostNames,
  MailHost,
  MailProtocol,
  MailSni,
  PrivateCa,
  Qmail,
  Service,
} from "../../../lib";
import { issue } from "../../support/certificates";
import { type Json, synthesized, testApp, testStack } from "../../support/synthesized";

const services = () => [Qmail.standard(), Dovecot.v23()];

/** A stack with one domain, by a certificate that an expression stands for, in a staging tree below `/srv/image`. */
function tree(stack = testStack()): Json {
  const image = MailHost.directory(stack, "image", { path: "/srv/image", services: services() });
  serve(stack, image);
  return synthesized(stack);
}

function serve(stack: TerraformStack, ...hosts: MailHost[]): void {
  const pem = new TerraformVariable(stack, "pem", { type: "string", sensitive: true }).stringValue;
  const sni = new MailSni(stack, "sni", { hosts, defaultDomain: "domain1.tld" });
  sni.addDomain("domain1.tld", {
    names: HostNames.of("domain1.tld", "imap.domain1.tld"),
    certificate: Certificate.fromCombinedPem(pem),
  });
}

/** By path in the tree. */
function filesOf(json: Json, type: "local_file" | "local_sensitive_file"): Record<string, Json> {
  const files = Object.values<Json>(json.resource[type]);
  return Object.fromEntries(files.map((file) => [file.filename.replace("/srv/image", ""), file]));
}

describe("MailHost.directory", () => {
  it("has a sensitive file for each PEM, and a copy for each name under which a server looks for it", () => {
    const secrets = filesOf(tree(), "local_sensitive_file");
    expect(Object.keys(secrets).sort()).toEqual([
      "/etc/dovecot/mail-sni/default.pem",
      "/etc/dovecot/mail-sni/domain1.tld.pem",
      "/var/qmail/control/servercert.pem",
      "/var/qmail/control/servercerts/domain1.tld/servercert.pem",
      "/var/qmail/control/servercerts/imap.domain1.tld/servercert.pem",
    ]);
    for (const { content } of Object.values(secrets)) expect(content).toContain("var.pem");
  });

  it("has the modes of the files, with directories that servers can search", () => {
    const json = tree();
    const secrets = filesOf(json, "local_sensitive_file");
    const texts = filesOf(json, "local_file");
    expect(secrets["/etc/dovecot/mail-sni/domain1.tld.pem"]?.file_permission).toBe("0600");
    const alias = "/var/qmail/control/servercerts/imap.domain1.tld/servercert.pem";
    expect(secrets[alias]?.file_permission).toBe("0640");
    for (const file of Object.values(texts)) expect(file.file_permission).toBe("0644");
    for (const file of Object.values({ ...secrets, ...texts }))
      expect(file.directory_permission).toBe("0755");
  });

  it("has configuration as readable text, in which paths are those of the host", () => {
    const texts = filesOf(tree(), "local_file");
    expect(Object.keys(texts).sort()).toEqual([
      "/etc/dovecot/conf.d/05-mail-sni.conf",
      "/etc/dovecot/conf.d/99-mail-sni-default.conf",
      "/etc/dovecot/mail-sni/2.3/domain1.tld.conf",
    ]);
    expect(texts["/etc/dovecot/mail-sni/2.3/domain1.tld.conf"]?.content).toContain(
      "ssl_cert = </etc/dovecot/mail-sni/domain1.tld.pem",
    );
  });

  it("refuses a PEM whose key is encrypted: when the stack is synthesized, or when it is planned", async () => {
    const leaf = await issue({ dnsNames: ["domain1.tld"] });
    const secret = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
    const pem = `${createPrivateKey(leaf.keyPem).export(secret)}${leaf.pem}`;
    const stack = testStack();
    const image = MailHost.directory(stack, "image", { path: "/srv/image", services: services() });
    const sni = new MailSni(stack, "sni", { hosts: [image], defaultDomain: "domain1.tld" });
    const certificate = Certificate.fromCombinedPem(pem);
    const add = () => {
      sni.addDomain("domain1.tld", { names: HostNames.of("domain1.tld"), certificate });
      synthesized(stack);
    };
    expect(add).toThrow(expect.objectContaining({ code: "STAGED_KEY_ENCRYPTED" }));
    const json = tree();
    for (const { lifecycle } of Object.values(filesOf(json, "local_sensitive_file"))) {
      const [{ condition, error_message: message }] = lifecycle.postcondition;
      expect(condition).toBe('${!strcontains(self.content, "ENCRYPTED PRIVATE KEY")}');
      expect(message).toContain("[STAGED_KEY_ENCRYPTED]");
    }
    for (const file of Object.values(filesOf(json, "local_file"))) expect(file.lifecycle).toBeUndefined();
  });

  it("knows each file by its path, whichever domain it is of", () => {
    const json = tree();
    const address = "f_image__var__qmail__control__servercerts__imap_domain1_tld__servercert_pem";
    expect(json.resource.local_sensitive_file).toHaveProperty([address]);
    expect(json.resource.local_file).toHaveProperty(["f_image__etc__dovecot__conf_d__05-mail-sni_conf"]);
  });

  it("needs no provider but hashicorp/local where the certificates come from elsewhere", () => {
    const json = tree();
    expect(Object.keys(json.provider)).toEqual(["local"]);
    expect(Object.keys(json.terraform.required_providers)).toEqual(["local"]);
  });

  it("takes the block of hashicorp/local that the stack has", () => {
    const stack = testStack();
    new LocalProvider(stack, "own");
    expect(tree(stack).provider.local).toHaveLength(1);
  });

  it("stands beside a host that the provider looks after", () => {
    const stack = testStack();
    const live = MailHost.local(stack, "mx1", { services: services() });
    const image = MailHost.directory(stack, "image", { path: "/srv/image", services: services() });
    serve(stack, live, image);
    const json = synthesized(stack);
    expect(Object.keys(json.provider.mailsni[0].hosts)).toEqual(["mx1"]);
    expect(Object.keys(json.resource.mailsni_host_files)).toHaveLength(3);
    expect(Object.keys(filesOf(json, "local_sensitive_file"))).toHaveLength(5);
  });

  it("takes a relative path from the project, and writes it for engines, which run in the stack's directory", () => {
    const app = testApp();
    const stack = new TerraformStack(app, "stack");
    serve(stack, MailHost.directory(stack, "image", { path: "./out/${x}", services: [Qmail.standard()] }));
    const [file] = Object.values<Json>(synthesized(stack).resource.local_sensitive_file);
    expect(file.filename).toMatch(/^\.\.\//);
    const literal = file.filename.replaceAll("$${", "${");
    expect(resolve(app.outdir, "stacks/stack", literal)).toContain(
      `${resolve("out/${x}")}/var/qmail/control`,
    );
  });

  it.each([
    ["nothing", "", "STAGING_PATH_INVALID"],
    ["a newline", "/srv\n", "STAGING_PATH_INVALID"],
    ["the machine itself", "/srv/..", "STAGING_PATH_INVALID"],
  ])("refuses %s for a path", (_, path, code) => {
    const make = () => MailHost.directory(testStack(), "image", { path, services: services() });
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  it("refuses a path that is known later only", () => {
    const stack = testStack();
    const path = new TerraformVariable(stack, "path", { type: "string" }).stringValue;
    expect(() => MailHost.directory(stack, "image", { path, services: services() })).toThrow(
      expect.objectContaining({ code: "STAGING_PATH_INVALID" }),
    );
  });

  it.each([
    ["name", { id: "mx1", root: "/srv/other" }, "HOST_TWICE"],
    ["place", { id: "mx2", root: "/srv/image/" }, "HOST_PLACE_TWICE"],
  ])("refuses the %s of a host that the provider looks after", (_, { id, root }, code) => {
    const stack = testStack();
    MailHost.local(new PrivateCa(stack, "scope"), id, { root, services: services() });
    expect(() => MailHost.directory(stack, "mx1", { path: "/srv/image", services: services() })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("refuses a path that two parts of the tree want, of which cdktf would keep the last", () => {
    const stack = testStack();
    const exim = Service.custom({
      name: "exim",
      pemPath: "/exim/{name}.pem",
      defaultPemPath: "/exim/domain1.tld.pem",
      endpoints: [{ port: 465, protocol: MailProtocol.TLS }],
    });
    const image = MailHost.directory(stack, "image", { path: "/srv/image", services: [exim] });
    expect(() => serve(stack, image)).toThrow(expect.objectContaining({ code: "PATH_TWICE" }));
  });
});
