import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { expect, it } from "vitest";
import { HttpWebroot } from "../../../lib/provider/acme/http-webroot";
import { NameServers } from "../../../lib/provider/acme/name-servers";
import { describeIf, root } from "../../support/requirements";

/** Addresses of their own for servers on port 80. */
const ADDRESS = `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;

class OneAddress extends NameServers {
  override async addresses(): Promise<readonly string[]> {
    return [ADDRESS];
  }
}

describeIf(root, "the look at a challenge before the CA is asked", () => {
  async function present(answer: RequestListener): Promise<void> {
    const server = createServer(answer).listen(80, ADDRESS);
    await once(server, "listening");
    const host = { name: "mx1", put: async () => {}, remove: async () => {} };
    const response = { name: "a.test", token: "token", keyAuthorization: "token.thumbprint" };
    try {
      await new HttpWebroot("/www", [host], new OneAddress(null)).present([response]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("GIVEN the challenge, or a redirect, THEN it is fine", async () => {
    await present((_, response) => response.end("token.thumbprint\n"));
    await present((_, response) => response.writeHead(302, { Location: "https://a.test/" }).end());
  });

  it.each<[string, RequestListener, RegExp]>([
    ["something else", (_, response) => response.end("no"), /answers with something else/],
    ["no such file", (_, response) => response.writeHead(404).end(), /answers with status 404/],
    [
      "an answer that breaks off",
      (_, response) => {
        response.writeHead(200, { "Content-Length": "100" });
        response.write("token", () => response.destroy());
      },
      /cannot be reached/,
    ],
    [
      "an answer without an end",
      (_, response) => {
        const more = () => {
          if (!response.destroyed) response.write("x".repeat(1000), () => setTimeout(more, 1));
        };
        more();
      },
      /answers with something else/,
    ],
  ])("GIVEN %s THEN that is said, with the name and the address", async (_, answer, message) => {
    const failure = await present(answer).catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(message) });
    expect(failure).toMatchObject({ message: expect.stringContaining(`a.test (${ADDRESS}, port 80)`) });
  });
});
