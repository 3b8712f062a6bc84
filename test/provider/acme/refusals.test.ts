import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type AcmeAccount, registerAccount } from "../../../lib/provider/acme/account";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import type { Directory } from "../../../lib/provider/acme/directory";
import { HttpWebroot } from "../../../lib/provider/acme/http-webroot";
import { orderCertificate } from "../../../lib/provider/acme/order";
import { suggestedRenewal } from "../../../lib/provider/acme/renewal-information";
import { certificateRequest } from "../../../lib/provider/x509/certificate-request";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { renewalInformationId } from "../../../lib/provider/x509/renewal-information-id";
import { NameServers } from "../../../lib/shared/dns/name-servers";
import type { HostName } from "../../../lib/shared/host-name";
import { AcmeProxy } from "../../support/acme-proxy";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { issue } from "../../support/certificates";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { webHostOf } from "./support/web-host";

const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };

describeIf(pebbleIsThere, "a CA that refuses", () => {
  let pebble: Pebble;
  let proxy: AcmeProxy;
  let directories: AcmeDirectories;
  let directory: Directory;
  let account: AcmeAccount;

  beforeAll(async () => {
    pebble = await Pebble.start();
    proxy = await AcmeProxy.start(pebble);
    directories = new AcmeDirectories(acmeTimeouts());
    directory = directories.directory(proxy.directoryUrl, pebble.directoryCaPem);
    const key = await generateKey("ECDSA-P256");
    account = directories.account(directory, (await registerAccount(directory, key, registration)).url, key);
  });
  afterEach(() => {
    proxy.behave();
    proxy.changed = 0;
    expect(pebble.web.tokens).toEqual([]);
  });
  afterAll(async () => {
    directories.close();
    await proxy.close();
    await pebble.stop();
  });

  const order = (...names: readonly string[]) => replacing(null, ...names);

  async function replacing(replaces: string | null, ...names: readonly string[]) {
    const solver = new HttpWebroot("", [webHostOf(pebble.web)], new NameServers([pebble.dnsServer]));
    const csr = await certificateRequest(names as HostName[], await generateKey("ECDSA-P256"));
    return orderCertificate(account, { names, csr, solver, profile: null, replaces });
  }

  const about = (value: string, type: string, detail: string) => ({
    type: `urn:ietf:params:acme:error:${type}`,
    detail,
    identifier: { type: "dns", value },
  });

  it("GIVEN a limit for an hour THEN it is asked once, and the error says after when to apply again", async () => {
    proxy.refuse(/^POST \/order-plz/, "rateLimited", {}, { "retry-after": "3600" });
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString().slice(0, 13);
    await expect(order("limited.test")).rejects.toMatchObject({
      message: expect.stringContaining("'s rate limit is reached"),
      remedy: expect.stringContaining(`Apply again after ${inAnHour}`),
    });
    expect(proxy.changed).toBe(1);
  });

  it("GIVEN the answer to finalising is lost THEN the certificate is not, though the CA takes no second attempt", async () => {
    const statuses: number[] = [];
    proxy.change(/^POST \/finalize-order\//, (answer) => {
      statuses.push(answer.status);
      const isFirst = statuses.filter((status) => status === 200).length === 1;
      return answer.status === 200 && isFirst ? { ...answer, status: 502, body: "" } : answer;
    });
    const { byDefault } = await order("lost.test");
    expect(byDefault).toContain("BEGIN CERTIFICATE");
    expect(statuses.at(-1)).toBe(403);
  });

  it("GIVEN CAA records that forbid issuance THEN the error has the name and the remedy", async () => {
    proxy.change(/^POST \/my-order\//, (answer) => ({
      ...answer,
      body: JSON.stringify({ ...JSON.parse(answer.body), status: "invalid" }),
    }));
    proxy.change(/^POST \/authZ\//, (answer) => {
      const document = JSON.parse(answer.body);
      const challenges = document.challenges?.map((challenge: object) => ({
        ...challenge,
        error: about("forbidden.test", "caa", "CAA record for forbidden.test prevents issuance"),
      }));
      const isLookedAt = document.status === "valid";
      return isLookedAt
        ? { ...answer, body: JSON.stringify({ ...document, status: "invalid", challenges }) }
        : answer;
    });
    // What is valid already would be taken for an answer to the first look.
    await expect(order("forbidden.test")).rejects.toMatchObject({
      message: expect.stringMatching(/^forbidden\.test: a CAA record .*prevents issuance/),
      remedy: expect.stringContaining("add the CA to the CAA records"),
    });
  });

  it("GIVEN several reasons at once, when it begins or when it issues THEN each name is told with its own", async () => {
    const subproblems = [
      about("one.test", "caa", "CAA record for one.test prevents issuance"),
      about("two.test", "rejectedIdentifier", "policy forbids"),
    ];
    for (const step of [/^POST \/order-plz/, /^POST \/finalize-order\//]) {
      proxy.refuse(step, "caa", { detail: "Error creating new order", subproblems });
      await expect(order("one.test", "two.test", "three.test")).rejects.toMatchObject({
        message: expect.stringMatching(/one\.test: a CAA record.*two\.test: the CA does not issue/s),
        remedy: expect.stringMatching(/CAA records.*spelling/s),
      });
      proxy.behave();
    }
  });

  it("GIVEN a CA that fails when it is told what an order replaces THEN the order is made without", async () => {
    proxy.refuse(/^POST \/order-plz .*"replaces"/, "serverInternal");
    const { byDefault } = await replacing("a2V5.c2VyaWFs", "failing.test");
    expect(byDefault).toContain("BEGIN CERTIFICATE");
    expect(proxy.changed).toBe(2);
  });

  it("GIVEN a rate limit of orders that replace THEN the order is not made without, which would have another limit", async () => {
    proxy.refuse(/^POST \/order-plz .*"replaces"/, "rateLimited");
    await expect(replacing("a2V5.c2VyaWFs", "limited.test")).rejects.toThrow("rate limit is reached");
    expect(proxy.changed).toBe(1);
  });

  it("GIVEN a directory without renewal information THEN nothing is suggested, and nothing is replaced", async () => {
    const without = directories.directory(`${proxy.directoryUrl}?without`, pebble.directoryCaPem);
    proxy.change(/^GET \/dir\?without/, (answer) => {
      const { renewalInfo: _, ...document } = JSON.parse(answer.body);
      return { ...answer, body: JSON.stringify(document) };
    });
    const { byDefault } = await order("ari.test");
    expect(await suggestedRenewal(without, renewalInformationId(byDefault) as string)).toBeNull();
    expect(await suggestedRenewal(directory, renewalInformationId(byDefault) as string)).not.toBeNull();
  });

  it("GIVEN a directory whose TLS certificate is not trusted THEN nothing is sent there, and the error says why", async () => {
    const otherCa = await issue({ subject: "CN=somebody else", ca: true });
    const distrusted = directories.directory(pebble.directoryUrl, otherCa.pem);
    pebble.forgetRequests();
    const key = await generateKey("ECDSA-P256");
    await expect(registerAccount(distrusted, key, registration)).rejects.toMatchObject({
      message: expect.stringMatching(/^The certificate of localhost:\d+ itself is not trusted/),
      remedy: expect.stringContaining("directory_ca_pem"),
    });
    expect([...pebble.requests.keys()]).toEqual([]);
  });
});
