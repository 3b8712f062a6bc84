import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { expect, it, onTestFinished } from "vitest";
import { Challenge, HostNames } from "../../../lib";
import { AcmeMail, needsOf } from "../../e2e/acme/acme-mail";
import { AcmeProxy } from "../../support/acme-proxy";
import { issue } from "../../support/certificates";
import { AGAIN_AFTER_REUSE, Pebble, type PebbleOptions } from "../../support/pebble";
import { describeIf } from "../../support/requirements";
import { TunnelProxy } from "../../support/tunnel-proxy";

const NAMES = { names: HostNames.subdomains("imap", "smtp") };
const HOOK = resolve(__dirname, "../../provider/resources/acme-hook.sh");

describeIf(needsOf(), "an ACME CA, as a stack meets it", () => {
  async function started(options: PebbleOptions = {}): Promise<AcmeMail> {
    const acme = await AcmeMail.start({}, options);
    onTestFinished(() => acme.stop());
    return acme;
  }

  async function proxied(acme: AcmeMail): Promise<AcmeProxy> {
    const proxy = await AcmeProxy.start(acme.pebble);
    onTestFinished(() => proxy.close());
    acme.directoryUrl = proxy.directoryUrl;
    return proxy;
  }

  const ephemeral = (stack: TerraformStack, name: string) => {
    const variable = new TerraformVariable(stack, name, { type: "string", sensitive: true });
    variable.addOverride("ephemeral", true);
    return variable.stringValue;
  };

  it("GIVEN one that wants an external account THEN a wrong key is refused with what to do, and the right one is kept nowhere", async () => {
    const [right, wrong] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64url"));
    const acme = await started({ externalAccountKeys: { "kid-1": String(right) } });
    const domains = { "d1.test": NAMES };
    expect((await acme.mail.attempt(domains)).errors.join()).toMatch(
      /Get a key id and an HMAC key from the CA.*external_account_key_id/,
    );

    acme.issuer = (stack) => ({
      externalAccount: { keyId: "kid-1", hmacKey: ephemeral(stack, "hmac_key") },
    });
    const logged = (hmacKey = "") => ({ env: { TF_LOG: "trace", TF_VAR_hmac_key: hmacKey } });
    const refused = await acme.mail.attempt(domains, logged(wrong));
    expect(refused.errors.join()).toMatch(/does not accept the external account.*external_account_hmac_key/);
    const run = await acme.mail.attempt(domains, logged(right));
    expect(run.errors).toEqual([]);
    await acme.expectAllServed();
    const everything = refused.output + run.output + acme.stateText;
    expect(everything).toContain("kid-1");
    for (const key of [right, wrong]) expect(everything).not.toContain(key);
  });

  it("GIVEN one whose own certificate is not trusted THEN nothing is sent there, a renewal waits, and all are served on", async () => {
    const acme = await started();
    const domains = { "d1.test": NAMES, "d2.test": NAMES };
    await acme.mail.deploy(domains);
    await acme.suggestRenewal("d2.test");
    await acme.mail.project.refresh();
    const otherCa = await issue({ subject: "CN=somebody else", ca: true });
    acme.issuer = () => ({ caCertificate: otherCa.pem });
    acme.pebble.forgetRequests();
    const run = await acme.mail.attempt({ ...domains, "new.test": NAMES });
    expect(run.errors).toHaveLength(1);
    expect(run.errorsOf("mailsni_acme_certificate.c_new_test").join()).toMatch(
      /certificate of localhost:\d+ itself is not trusted.*directory_ca_pem/,
    );
    const warnings = run.messages.filter(({ severity }) => severity === "Warning");
    expect(warnings.map(({ text }) => text).join()).toMatch(/d2\.test was not renewed.*not trusted/);
    expect(acme.asked).toEqual([]);
    expect(await acme.presented(["imap.d1.test", "imap.d2.test"])).toEqual({
      "imap.d1.test": "d1.test",
      "imap.d2.test": "d2.test",
    });

    acme.issuer = () => ({});
    await acme.mail.deploy({ ...domains, "new.test": NAMES });
    await acme.expectAllServed();
  });

  it("GIVEN one that refuses for a CAA record, a limit, and several reasons at once THEN each fails alone with what to do", async () => {
    const acme = await started();
    const proxy = await proxied(acme);
    const order = (domain: string) => new RegExp(`^POST /order-plz .*${domain}`);
    const about = (value: string, type: string) => ({
      type: `urn:ietf:params:acme:error:${type}`,
      detail: `the reason for ${value}`,
      identifier: { type: "dns", value },
    });
    proxy.refuse(order("caa.test"), "caa", { identifier: { type: "dns", value: "imap.caa.test" } });
    proxy.refuse(order("limited.test"), "rateLimited", {}, { "retry-after": "7200" });
    proxy.refuse(order("both.test"), "malformed", {
      subproblems: [about("imap.both.test", "caa"), about("smtp.both.test", "rejectedIdentifier")],
    });
    const refused = ["caa.test", "limited.test", "both.test"];
    const domains = Object.fromEntries(["d1.test", ...refused, "d2.test"].map((name) => [name, NAMES]));
    const run = await acme.mail.attempt(domains);
    expect(run.errors).toHaveLength(3);
    const errorOf = (name: string) => run.errorsOf(`mailsni_acme_certificate.c_${name}_test`).join();
    expect(errorOf("caa")).toMatch(/imap\.caa\.test: a CAA record.*add the CA to the CAA records/);
    expect(errorOf("limited")).toMatch(/'s rate limit is reached.*Apply again after \d{4}-\d\d-\d\dT/);
    expect(errorOf("both")).toMatch(
      /imap\.both\.test: a CAA record.*smtp\.both\.test: the CA does not issue.*CAA records.*spelling/,
    );
    expect(await acme.presented(["imap.d1.test", "smtp.d2.test"])).toEqual({
      "imap.d1.test": "d1.test",
      "smtp.d2.test": "d2.test",
    });

    proxy.behave();
    await acme.mail.deploy(domains);
    await acme.expectAllServed();
  });

  it("GIVEN a DNS hook, and names whose challenge is delegated THEN its secret is in nothing that is printed, logged or kept", async () => {
    const acme = await started();
    const secret = randomBytes(16).toString("hex");
    const script = `case "$3" in *.bad.test) echo "sent $DNS_API_TOKEN"; exit 1 ;; esac; exec "$0" "$@"`;
    acme.issuer = () => ({
      challenge: Challenge.dnsHook(["sh", "-c", script, HOOK, acme.pebble.dnsManagementUrl], {
        dnsServers: [acme.pebble.dnsServer],
      }),
      optionalLabels: [],
    });
    for (const name of ["imap.d2.test", "smtp.d2.test"]) {
      await acme.pebble.setDns(`_acme-challenge.${name}`, { type: "cname", target: `${name}.zone.test` });
    }
    const env = { TF_LOG: "trace", DNS_API_TOKEN: secret, ACME_ZONE: "zone.test" };
    const delegated = { "d2.test": NAMES };
    expect((await acme.mail.attempt(delegated, { env })).errors).toEqual([]);
    const { ACME_ZONE: _, ...undelegated } = env;
    const all = { ...delegated, "d3.test": NAMES, "bad.test": NAMES };
    const run = await acme.mail.attempt(all, { env: undelegated });
    expect(run.errorsOf("mailsni_acme_certificate.c_bad_test").join()).toMatch(
      /hook ended with.*sent \*\*\*/,
    );
    expect(run.errors).toHaveLength(1);
    expect(await acme.presented(["imap.d2.test", "imap.d3.test"])).toEqual({
      "imap.d2.test": "d2.test",
      "imap.d3.test": "d3.test",
    });
    expect(run.output.length).toBeGreaterThan(100_000);
    expect(run.output + acme.stateText).not.toContain(secret);
    const { output } = await acme.mail.project.plan({ env: undelegated });
    expect(output).not.toContain(secret);
  });

  it("GIVEN one that only a proxy has a way to THEN the engine's environment says which, and its password is in no log", async () => {
    const acme = await started();
    const proxy = await TunnelProxy.start();
    onTestFinished(() => proxy.close());
    acme.directoryUrl = acme.pebble.directoryUrl.replace("localhost", Pebble.NAME);
    const domains = { "d1.test": NAMES };
    const secret = randomBytes(16).toString("hex");
    const env = { TF_LOG: "trace", HTTPS_PROXY: `http://me:${secret}@${proxy.host}`, NO_PROXY: "" };
    const run = await acme.mail.attempt(domains, { env });
    expect(run.errors).toEqual([]);
    await acme.expectAllServed();
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(run.output + acme.stateText).not.toContain(secret);
  });

  it.each([
    [true, ["sieve.d1.test"]],
    [false, ["imap.d1.test", "sieve.d1.test", "smtp.d1.test"]],
  ])(
    "GIVEN one that takes what was proven before: %s WHEN a name is added THEN these are proven: %j",
    AGAIN_AFTER_REUSE,
    async (reusesAuthorisations, proven) => {
      const acme = await started({ reusesAuthorisations });
      await acme.mail.deploy({ "d1.test": NAMES });
      acme.pebble.web.requests.length = 0;
      await acme.mail.deploy({ "d1.test": { names: HostNames.subdomains("imap", "smtp", "sieve") } });
      const asked = acme.pebble.web.requests.map((url) => url.split(/[:/]/, 1).join());
      expect([...new Set(asked)].sort()).toEqual(proven);
      await acme.expectAllServed();
    },
  );
});
