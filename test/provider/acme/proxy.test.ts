import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { registerAccount } from "../../../lib/provider/acme/account";
import { Directory } from "../../../lib/provider/acme/directory";
import { ACME_PATIENCE } from "../../../lib/provider/acme/patience";
import { proxyFor } from "../../../lib/provider/acme/proxy";
import { generateKey } from "../../../lib/provider/x509/key-algorithm";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere } from "../../support/requirements";

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
  let proxy: Server;
  const sockets = new Set<Socket>();
  /** What the proxy was asked for, and by whom. */
  const asked: [target: string | undefined, credentials: string | undefined][] = [];
  let status = 200;

  beforeAll(async () => {
    pebble = await Pebble.start();
    proxy = createServer();
    proxy.on("connect", ({ url, headers }, client: Socket) => {
      asked.push([url, headers["proxy-authorization"]]);
      sockets.add(client);
      client.on("error", () => {});
      if (status !== 200) {
        client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      // It alone knows where that is.
      const onward = connect({ host: "127.0.0.1", port: Number(url?.split(":")[1]) });
      sockets.add(onward);
      onward.on("error", () => client.destroy());
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(client).pipe(onward);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await pebble.stop();
  });

  async function register(credentials = ""): Promise<string> {
    const { port } = proxy.address() as AddressInfo;
    vi.stubEnv("HTTPS_PROXY", `http://${credentials}127.0.0.1:${port}`);
    vi.stubEnv("NO_PROXY", "");
    const url = pebble.directoryUrl.replace("localhost", Pebble.NAME);
    const directory = new Directory(url, pebble.directoryCaPem, { ...ACME_PATIENCE, pause: 10, attempts: 2 });
    try {
      const registration = { contact: [], termsOfServiceAgreed: true, externalAccount: null };
      return await registerAccount(directory, await generateKey("ECDSA-P256"), registration);
    } finally {
      directory.close();
    }
  }

  it("has an account made, over a connection that the proxy knows the name of alone", async () => {
    asked.length = 0;
    expect(await register("me:a%40b@")).toContain(`https://${Pebble.NAME}:`);
    const credentials = `Basic ${Buffer.from("me:a@b").toString("base64")}`;
    expect(asked).toContainEqual([`${Pebble.NAME}:${pebble.gate.port}`, credentials]);
  });

  it("GIVEN a proxy that refuses, or none THEN the error names it, without its password", async () => {
    status = 407;
    await expect(register("me:secret@")).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached: the proxy 127\.0\.0\.1:\d+ answers with status 407/),
    });
    vi.stubEnv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1");
    const directory = new Directory("https://ca.test/dir", pebble.directoryCaPem, ACME_PATIENCE);
    await expect(directory.document()).rejects.toMatchObject({
      message: expect.stringMatching(/^(?!.*secret).*the proxy 127\.0\.0\.1:1 cannot be reached/),
    });
  });
});
