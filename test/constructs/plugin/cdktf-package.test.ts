import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Cdktf from "cdktf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AcmeIssuer, Challenge, Dovecot, MailHost, MailSni, PrivateCa } from "../../../lib";
import { otherCdktf } from "../../support/other-cdktf";
import { providerDirectory } from "../../support/synthesized";

describe("A stack that is made with another copy of cdktf", () => {
  let outdir: string;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), "other-cdktf-"));
  });
  afterEach(() => rmSync(outdir, { recursive: true }));

  function appOf({ App }: typeof Cdktf): Cdktf.App {
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": false };
    return new App({ outdir, context });
  }

  it.each<[string, (stack: Cdktf.TerraformStack) => unknown]>([
    ["PrivateCa", (stack) => new PrivateCa(stack, "ca")],
    [
      "AcmeIssuer",
      (stack) => AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.httpWebroot("/var/www/acme") }),
    ],
    ["MailHost", (stack) => MailHost.local(stack, "mx1", { services: [Dovecot.v24()] })],
    [
      "MailSni on a staging tree",
      (stack) => {
        const mx1 = MailHost.directory(stack, "mx1", { path: "./out", services: [Dovecot.v24()] });
        return new MailSni(stack, "sni", { hosts: [mx1] });
      },
    ],
  ])("GIVEN cdktn THEN %s says what to install", (_, declare) => {
    const cdktn = otherCdktf(["cdktn", "0.24.0"]);
    class OwnStack extends cdktn.TerraformStack {}
    const stack = new OwnStack(appOf(cdktn), "mail");

    expect(() => declare(stack)).toThrow(
      expect.objectContaining({
        code: "CDKTF_PACKAGE",
        problem: expect.stringMatching(
          /"mail" is made with cdktn 0\.24\.0, and cdktf-mail-sni with cdktf 0\.21\./,
        ),
        remedy: expect.stringContaining("npm install cdktf@npm:cdktn@0.24.0"),
      }),
    );
  });

  it("GIVEN another version of cdktf THEN it says how to find out why there are two", () => {
    const older = otherCdktf(["cdktf", "0.20.12"]);

    expect(() => new PrivateCa(new older.TerraformStack(appOf(older), "mail"), "ca")).toThrow(
      expect.objectContaining({ code: "CDKTF_PACKAGE", remedy: expect.stringContaining("npm ls cdktf") }),
    );
  });

  it("GIVEN the same version THEN it is synthesized", () => {
    const copy = otherCdktf();
    const app = appOf(copy);
    const stack = new copy.TerraformStack(app, "mail");
    const mx1 = MailHost.local(stack, "mx1", { root: "./out", services: [Dovecot.v24()] });
    const issuer = new PrivateCa(stack, "ca");
    new MailSni(stack, "sni", { hosts: [mx1], issuer, defaultDomain: "a.tld" }).addDomain("a.tld");

    app.synth();

    const { resource } = stack.toTerraform();
    expect(Object.keys(resource.mailsni_host_files)).toContain("d_a_tld__mx1");
    expect(JSON.stringify(resource.mailsni_host_files.d_a_tld__mx1)).toContain(
      "mailsni_private_certificate.c_a_tld.private_key_pem",
    );
  });
});
