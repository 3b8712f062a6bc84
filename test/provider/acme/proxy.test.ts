import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { registerAccount } from "../../../lib/provider/acme/account";
import { Directory } from "../../../lib/provider/acme/directory";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { proxyFor } from "../../../lib/shared/http/proxy";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { TunnelProxy } from "../../support/tunnel-proxy";

describe("the proxy of the environment", () => {
  const proxy = "http://proxy.test:3128";

  it.each([
    ["ca.test", { HTTPS_PROXY: proxy }, "proxy.test:3128"],
    ["ca.test", { https_proxy: "proxy.test:8080" }, "proxy.test:8080"],
    ["ca.test", { HTTPS_PROXY: "https://u:p@proxy.test:8443" }, "proxy.test:8443"],
    ["ca.test", {}, undefined],
    ["ca.test", { HTTPS_PROXY: "" }, undefined],
    ["ca.test", { HTTP_PROXY: proxy }, undefined],
    ["localhost", { HTTPS_PROXY: proxy }, undefined],
    ["127.0.0.1", { HTTPS_PROXY: proxy }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, undefined],
    ["acme.ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "other.test, CA.test" }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, no_proxy: ".ca.test" }, "proxy.test:3128"],
    ["acme.ca.test", { HTTPS_PROXY: proxy, no_proxy: ".ca.test" }, undefined],
    ["notca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test" }, "proxy.test:3128"],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test:443" }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test:8443" }, "proxy.test:3128"],
  ])("for %s with %j is %s", (host, environment, expected) => {
    expect(proxyFor(host, 443, environment)?.host).toBe(expected);
  });

  it.each(["socks5://me:secret@proxy.test", "http://me:secret@"])(
    "is refused without its password where it is %s",
    (wrong) => {
      let message = "";
      try {
        proxyFor("ca.test", 443, { HTTPS_PROXY: wrong });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain("HTTPS_PROXY");
      expect(message).not.toContain("secret");
    },
  );
});

describeIf(pebbleIsThere, "a CA that is reached through a proxy", () => {
  let pebble: Pebble;
  let proxy: TunnelProxy;

  beforeAll(async () => {
    [pebble, proxy] = await Promise.all([Pebble.start(), TunnelProxy.start()]);
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    await proxy.close();
    await pebble.stop();
  });

  async function register(credentials = ""): Promise<string> {
    vi.stubEnv("HTTPS_PROXY", `http://${credentials}${proxy.host}`);
    vi.stubEnv("NO_PROXY", "");
    const url = pebble.directoryUrl.replace("localhost", Pebble.NAME);
    const directory = new Directory(url, pebble.directoryCaPem, acmeTimeouts());
    try {
      const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };
      return (await registerAccount(directory, await generateKey("ECDSA-P256"), registration)).url;
    } finally {
      directory.close();
    }
  }

  it("has an account made, over a connection that the proxy knows the name of alone", async () => {
    expect(await register("me:a%40b@")).toContain(`https://${Pebble.NAME}:`);
    const credentials = `Basic ${Buffer.from("me:a@b").toString("base64")}`;
    expect(proxy.asked).toContainEqual({ target: `${Pebble.NAME}:${pebble.gate.port}`, credentials });
  });

  it("GIVEN a proxy that refuses, or none THEN the error names it, without its password", async () => {
    proxy.status = 407;
    await expect(register("me:secret@")).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached: the proxy 127\.0\.0\.1:\d+ answers with status 407/),
    });
    vi.stubEnv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1");
    const directory = new Directory("https://ca.test/dir", pebble.directoryCaPem, acmeTimeouts());
    await expect(directory.document()).rejects.toMatchObject({
      message: expect.stringMatching(/^(?!.*secret).*the proxy 127\.0\.0\.1:1 cannot be reached/),
    });
  });
});
