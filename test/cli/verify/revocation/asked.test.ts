import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { issue } from "../../../support/certificates";
import { ran } from "../../support/ran";
import { TlsServers } from "../../support/tls-servers";
import { publishedAt, revocationList } from "../support/revocation-lists";

it("GIVEN a revoked certificate WHEN verify runs with --revocation THEN it is an error; without it no list is fetched, and with --watch each once for all runs", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-revocation-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  let list: Buffer = Buffer.alloc(0);
  let fetched = 0;
  const publisher = createServer((_, response) => {
    fetched += 1;
    response.end(list);
  });
  await new Promise<void>((done) => publisher.listen(0, "127.0.0.1", done));
  onTestFinished(() => void publisher.close());
  const url = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/ca.crl`;

  const notAfter = new Date(Date.now() + 90 * 86_400_000);
  const ca = await issue({ subject: "CN=CA", ca: true, notAfter });
  const published = {
    ...{ issuer: ca, subject: "CN=leaf", dnsNames: ["imap.test"], notAfter },
    extensions: [publishedAt(url)],
  };
  const [leaf, other] = [await issue(published), await issue(published)];
  list = await revocationList({ issuer: ca, revoked: [leaf] });
  const servers = new TlsServers();
  onTestFinished(() => servers.close());
  const port = await servers.start({ leaf });
  const root = join(directory, "root.pem");
  writeFileSync(root, ca.pem);
  const asked = (...more: string[]) => [
    ...["verify", "imap.test", "--connect", "127.0.0.1", "--ports", `${port}:tls`],
    ...["--no-system-roots", "--ca", root, ...more],
  ];
  const verify = (...more: string[]) => ran(asked(...more));

  expect(await verify()).toMatchObject({ exitCode: 0 });
  expect(fetched).toBe(0);
  const { exitCode, out } = await verify("--revocation");
  expect(exitCode).toBe(1);
  expect(out).toContain("was revoked by its CA on 2026-01-02 (key compromise)");
  expect(fetched).toBe(1);

  // What is served changes, so that the second run prints something.
  const steps = [() => servers.present(port, "imap.test", { leaf: other }), () => controller.abort()];
  const controller = new AbortController();
  const watched = await ran([...asked("--revocation"), "--watch", "1"], {
    interruption: controller.signal,
    onOutput: (text) => {
      if (text.endsWith(" notes.\n")) steps.shift()?.();
    },
  });
  expect(watched.out).toContain("1 of 1 handshakes have changed");
  expect(fetched).toBe(2);
});
