import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Hosts } from "../../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { hostFiles } from "../../../../lib/provider/resources/host-files";
import { pemsForHost } from "../../../../lib/provider/resources/host-files/pems";
import { IssuedHere, noting } from "../../../../lib/provider/resources/issued-here";
import { privateCertificate } from "../../../../lib/provider/resources/private-certificate";
import { combinedPem, issue } from "../../../support/certificates";
import { OddPems, pemOf } from "../../../support/odd-pems";
import { ResourceLifecycle, type Values } from "../../../support/resource-lifecycle";
import { TestHost } from "../../host/support/test-host";

const PEM = "/etc/served/pem/a.test.pem";
const DAY_MS = 24 * 3_600_000;
const config = (pem: string): Values => ({
  host: "mx1",
  files: {
    [PEM]: {
      text: null,
      mode: null,
      owner: null,
      group: null,
      service: null,
      on_destroy: null,
      sha256: null,
    },
  },
  names: ["a.test"],
  secrets: { [PEM]: pem },
});

let on: TestHost;
let hosts: Hosts;
beforeEach(() => {
  on = new TestHost();
  hosts = new Hosts("stack", new Map([["mx1", on.settings]]));
});
afterEach(async () => {
  vi.useRealTimers();
  await hosts.close();
  await on.remove();
});

/** Has it be another time for the provider, while what it waits for goes on. */
function inDays(days: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + days * DAY_MS });
}

async function ninetyDays(): Promise<string> {
  const now = Date.now();
  const validity = { notBefore: new Date(now), notAfter: new Date(now + 90 * DAY_MS) };
  return combinedPem(await issue({ subject: "CN=a.test", dnsNames: ["a.test"], ...validity }));
}

async function installed(pem: string, issued = new IssuedHere()): Promise<ResourceLifecycle> {
  const files = new ResourceLifecycle(hostFiles(new KeyPassphrases(), issued), hosts);
  expect((await files.apply(config(pem))).diagnostics).toEqual([]);
  return files;
}

describe("a certificate from elsewhere on a host", () => {
  it("GIVEN it has time THEN a plan is empty and silent", async () => {
    const pem = await ninetyDays();
    const files = await installed(pem);
    inDays(79);
    await files.read();
    expect(await files.plan(config(pem))).toMatchObject({ action: "no-op", diagnostics: [] });
  });

  it("GIVEN its last ten days THEN each plan warns of the day, and changes nothing", async () => {
    const pem = await ninetyDays();
    const files = await installed(pem);
    inDays(81);
    await files.read();
    const { action, diagnostics } = await files.plan(config(pem));
    expect(action).toBe("no-op");
    expect(diagnostics).toEqual([
      expect.stringMatching(/^warning .*a\.test\.pem on host "mx1" expires soon.*CN=a\.test/),
    ]);
  });

  it("GIVEN it has expired THEN the plan is not empty, and the apply fails for it alone", async () => {
    const pem = await ninetyDays();
    const files = await installed(pem);
    inDays(91);
    const { state } = await files.read();
    expect(state?.pending).toMatch(/^a certificate expired at /);
    const plan = await files.plan(config(pem));
    expect(plan).toMatchObject({ action: "update", unknown: ["pending"] });
    expect(plan.diagnostics).toEqual([
      expect.stringMatching(/^warning .*CERTIFICATE_EXPIRED\] An apply will refuse it/),
    ]);
    const { diagnostics } = await files.apply(config(pem));
    expect(diagnostics).toEqual([expect.stringMatching(/^error .*CERTIFICATE_EXPIRED/)]);
    expect(on.read(PEM)).toBe(pem);
    await files.read();
    expect((await files.plan(config(pem))).action).toBe("update");
  });

  it("GIVEN an expired certificate and a new one THEN the apply installs the new one without a warning", async () => {
    const files = await installed(await ninetyDays());
    inDays(91);
    await files.read();
    const renewed = await ninetyDays();
    expect((await files.apply(config(renewed))).diagnostics).toEqual([]);
    expect(on.read(PEM)).toBe(renewed);
    await files.read();
    expect(await files.plan(config(renewed))).toMatchObject({ action: "no-op", diagnostics: [] });
  });

  it("GIVEN one that expires in a moment WHEN it is installed THEN the plan says so, or else the apply", async () => {
    const now = Date.now();
    const validity = { notBefore: new Date(now - 90 * DAY_MS), notAfter: new Date(now + 75_000) };
    const pem = combinedPem(await issue({ subject: "CN=a.test", dnsNames: ["a.test"], ...validity }));
    const files = new ResourceLifecycle(hostFiles(new KeyPassphrases()), hosts);
    const { diagnostics } = await files.plan(config(pem));
    expect(diagnostics).toEqual([expect.stringContaining("CERTIFICATE_EXPIRES_SOON")]);
    expect((await files.apply(config(pem))).diagnostics).toEqual([]);
    const said = (unseen: readonly string[]) => {
      const found = new Diagnostics();
      const tools = { passphrases: new KeyPassphrases(), issued: new IssuedHere() };
      pemsForHost(config(pem) as never, new Set(unseen), tools, found);
      return found.all.map(({ severity }) => severity);
    };
    expect([said([]), said([PEM])]).toEqual([[], ["warning"]]);
  });
});

it("GIVEN a certificate that this stack issues, in its last days THEN there is no warning to renew it", async () => {
  const issued = new IssuedHere();
  const ca = await issue({ subject: "CN=CA", ca: true, notAfter: new Date(Date.now() + 900 * DAY_MS) });
  const certificate = new ResourceLifecycle(noting(privateCertificate(new KeyPassphrases()), issued));
  const inputs = {
    ca_certificate_pem: ca.pem,
    ca_private_key_pem: ca.keyPem,
    names: ["a.test"],
    renew_before_hours: 1,
  };
  await certificate.apply(inputs);
  const { private_key_pem: key, certificate_pem: leaf, chain_pem: chain } = certificate.state ?? {};
  const pem = [key, leaf, chain].map(String).join("");
  const files = await installed(pem, issued);
  inDays(85);
  const later = new IssuedHere();
  const [renewed, read] = [noting(privateCertificate(new KeyPassphrases()), later), files];
  const again = new ResourceLifecycle(hostFiles(new KeyPassphrases(), later), hosts);
  again.state = read.state;
  again.private = read.private;
  expect((await again.plan(config(pem))).diagnostics).toHaveLength(1);
  await renewed.read({ prior: certificate.state as never } as never);
  expect((await again.plan(config(pem))).diagnostics).toEqual([]);
});

it("GIVEN a PEM of an earlier version's that OpenSSL refuses THEN a plan without changes says so", async () => {
  const odd = new OddPems();
  onTestFinished(() => odd.remove());
  const root = odd.issue("root", { ca: true });
  const intermediate = odd.issue("intermediate", { ca: true, issuer: root, digest: "sha1" });
  const pem = pemOf(odd.issue("weak", { issuer: intermediate }), intermediate, root);
  const named = { ...config(pem), names: ["weak.test"] };
  const files = new ResourceLifecycle(hostFiles(new KeyPassphrases()), hosts);
  const good = await ninetyDays();
  await files.apply(config(good));
  // As an apply of that version has left it.
  on.write(PEM, pem);
  files.private = undefined;
  await files.read();
  files.state = { ...files.state, names: named.names, pending: null } as Values;
  const { action, diagnostics } = await files.plan(named);
  expect(action).toBe("no-op");
  expect(diagnostics).toEqual([
    expect.stringMatching(/^warning .*SIGNATURE_WEAK\] It is installed on the host/),
  ]);
  expect((await files.plan(config(good))).action).toBe("update");
}, 60_000);
