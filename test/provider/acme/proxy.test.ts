import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { registerAccount } from "../../../lib/provider/acme/account";
import { Directory } from "../../../lib/provider/acme/directory";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";
import { TunnelProxy } from "../../support/tunnel-proxy";

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
