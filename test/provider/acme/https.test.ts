import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { Https } from "../../../lib/provider/acme/https";
import { issue } from "../../support/certificates";

const DAY = 86_400_000;

it.each([
  ["has ended", -2, -1, "certificate has expired"],
  ["begins later", 1, 2, "certificate is not yet valid"],
])(
  "GIVEN a CA whose own certificate %s THEN the message has the time, and the remedy is about the clock",
  async (_, from, to, fault) => {
    const at = (days: number) => new Date(Date.now() + days * DAY);
    const ca = await issue({ subject: "CN=directory CA", ca: true, notBefore: at(-10), notAfter: at(10) });
    const leaf = await issue({ issuer: ca, dnsNames: ["localhost"], notBefore: at(from), notAfter: at(to) });
    const asked: unknown[] = [];
    const server = createServer({ key: leaf.keyPem, cert: leaf.pem }, (request) => void asked.push(request));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const https = new Https(ca.pem);
    try {
      const url = `https://localhost:${(server.address() as AddressInfo).port}/dir`;
      await expect(https.send({ method: "GET", url, timeoutMs: 10_000 })).rejects.toMatchObject({
        message: expect.stringContaining(
          `itself is not valid now: ${fault}. It is ${new Date().getUTCFullYear()}-`,
        ),
        remedy: expect.stringMatching(/^Check that clock/),
      });
      expect(asked).toEqual([]);
    } finally {
      https.close();
      server.close();
    }
  },
);
