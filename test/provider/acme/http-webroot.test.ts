import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, get, type RequestListener, type ServerResponse } from "node:http";
import { expect, it } from "vitest";
import { HttpWebroot, type WebHost } from "../../../lib/provider/acme/http-webroot";
import { NameServers } from "../../../lib/shared/dns/name-servers";
import { describeIf, root } from "../../support/requirements";

/** Addresses of their own for servers on port 80. */
const ADDRESS = `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;

class OneAddress extends NameServers {
  override async addresses(): Promise<readonly string[]> {
    return [ADDRESS];
  }
}

describeIf(root, "the look at a challenge before the CA is asked", () => {
  const mx1: WebHost = { name: "mx1", put: async () => {}, remove: async () => {} };
  const away = async () => {
    throw new Error("it cannot be reached");
  };
  const mx2: WebHost = { name: "mx2", put: away, remove: away };
  const response = { name: "a.test", token: "token", keyAuthorization: "token.thumbprint" };

  async function present(
    answer: RequestListener,
    webroot = new HttpWebroot("/www", [mx1], new OneAddress(null)),
    responses = [response],
  ): Promise<readonly string[]> {
    const server = createServer(answer).listen(80, ADDRESS);
    await once(server, "listening");
    try {
      return await webroot.present(responses);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("GIVEN a host that is away, and a name that leads to another, THEN that holds up nothing, and nothing is to be taken away there", async () => {
    const webroot = new HttpWebroot("/www", [mx1, mx2], new OneAddress(null));
    const problems = await present((_, answer) => answer.end("token.thumbprint"), webroot);
    expect(problems).toEqual([expect.stringMatching(/cannot be put on host "mx2": it cannot be reached/)]);
    expect(await webroot.withdraw([response])).toEqual([]);
  });

  it("GIVEN a host that is away, and a name that is not served, THEN the error has both", async () => {
    const webroot = new HttpWebroot("/www", [mx1, mx2], new OneAddress(null));
    await expect(present((_, answer) => answer.writeHead(404).end(), webroot)).rejects.toMatchObject({
      message: expect.stringMatching(
        /a\.test: 127.*answers with status 404.*on host "mx2": it cannot be reached/,
      ),
      remedy: expect.stringContaining('Check "mx2"'),
      names: ["a.test"],
    });
  });

  it("GIVEN names with the same problem THEN it is said once, with where the challenges are", async () => {
    const webroot = new HttpWebroot("/www", [mx1], new OneAddress(null));
    const other = { ...response, name: "b.test" };
    const refused = present((_, answer) => answer.writeHead(404).end(), webroot, [response, other]);
    await expect(refused).rejects.toMatchObject({
      message: `a.test, b.test: ${ADDRESS} (port 80) answers with status 404 where the challenge should be.`,
      remedy: expect.stringContaining('written to /www/.well-known/acme-challenge on "mx1".'),
      names: ["a.test", "b.test"],
    });
  });

  it("GIVEN all hosts are away THEN the CA is not asked, with or without the look", async () => {
    for (const nameServers of [new OneAddress(null), null]) {
      const webroot = new HttpWebroot("/www", [mx2], nameServers);
      await expect(webroot.present([response])).rejects.toThrow(/cannot be put on host "mx2"/);
    }
  });

  it("GIVEN no look, and a host that is away, THEN the CA sees where the name leads, and what is known is there to be said", async () => {
    const problems = await new HttpWebroot("/www", [mx1, mx2], null).present([response]);
    expect(problems).toEqual([expect.stringContaining('"mx2"')]);
  });

  it("GIVEN orders of many names at one address THEN no more than 32 connect at once, and all are checked", async () => {
    const open: ServerResponse[] = [];
    let most = 0;
    let served = 0;
    const answerAll = () => {
      most = Math.max(most, open.length);
      for (const answer of open.splice(0)) answer.end("token.thumbprint");
    };
    const server = createServer((request, answer) => {
      if (request.url === "/probe") {
        answer.end();
        return answerAll();
      }
      served++;
      // What is asked now comes after all that has connected already.
      if (open.push(answer) === 32) get({ host: ADDRESS, path: "/probe", agent: false });
    }).listen(80, ADDRESS);
    await once(server, "listening");
    const orders = Array.from({ length: 8 }, (_, order) => {
      const names = Array.from({ length: 12 }, (_, index) => `n${index}.d${order}.test`);
      const webroot = new HttpWebroot("/www", [mx1], new OneAddress(null));
      return webroot.present(names.map((name) => ({ ...response, name })));
    });
    expect((await Promise.all(orders)).flat()).toEqual([]);
    server.close();
    expect([most, served]).toEqual([32, 96]);
  });

  it("GIVEN a run that was stopped THEN nothing is requested any more", async () => {
    const webroot = new HttpWebroot("/www", [mx1], new OneAddress(null));
    await expect(webroot.present([response], AbortSignal.abort())).rejects.toThrow(
      "It was interrupted before the CA was asked.",
    );
  });

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
    expect(failure).toMatchObject({ message: expect.stringContaining(`a.test: ${ADDRESS} (port 80)`) });
  });
});
