import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type IssuedCertificate, issue } from "../../../support/certificates";
import { ran } from "../../support/ran";
import { TlsServers } from "../../support/tls-servers";

const DAY_MS = 86_400_000;
const YEAR = { notBefore: new Date(Date.now() - 30 * DAY_MS), notAfter: new Date(Date.now() + 335 * DAY_MS) };

describe("mail-sni verify --watch", () => {
  const servers = new TlsServers();
  let directory: string;
  let root: IssuedCertificate;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-watch-"));
    root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
    writeFileSync(join(directory, "root.pem"), root.pem);
  });
  afterEach(async () => {
    await servers.close();
    rmSync(directory, { recursive: true });
  });

  const leafOf = (name: string) => issue({ subject: `CN=${name}`, issuer: root, dnsNames: [name], ...YEAR });

  it("GIVEN a certificate that is replaced, and put back THEN each change is told once, and nothing else", async () => {
    const byName = { "a.tld": { leaf: await leafOf("b.tld") }, "c.tld": { leaf: await leafOf("c.tld") } };
    const port = await servers.start(byName["a.tld"], byName);
    const right = await leafOf("a.tld");
    const controller = new AbortController();
    const metrics = join(directory, "watch.prom");
    const steps = [
      // The first run is told as a whole: one name is wrong.
      {
        after: /1 of 2 handshakes are right.*\n$/,
        act: () => servers.present(port, "a.tld", { leaf: right }),
      },
      {
        after: /2 of 2 handshakes are right.*\n$/,
        act: () => servers.present(port, "c.tld", { leaf: right }),
      },
      {
        after: /right.*\n[\s\S]*right.*\n[\s\S]*1 of 2 handshakes are right.*\n$/,
        act: () => void setImmediate(() => controller.abort()),
      },
    ];
    const { exitCode, out, err } = await ran(
      [
        ...["verify", "a.tld", "c.tld", "--connect", "127.0.0.1", "--ports", `${port}:tls`],
        ...[
          "--no-system-roots",
          "--ca",
          join(directory, "root.pem"),
          "--open-metrics",
          metrics,
          "--watch",
          "1",
        ],
      ],
      {
        interruption: controller.signal,
        onOutput: (text) => {
          if (steps[0]?.after.test(text)) steps.shift()?.act();
        },
      },
    );
    expect(err).toBe("");
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^error {3}a\.tld at .*\[VERIFY_NAME_NOT_COVERED\]$/),
      expect.stringMatching(/^1 of 2 handshakes are right/),
      expect.stringMatching(/^\d{4}-\S+Z: 1 of 2 handshakes have changed\.$/),
      expect.stringMatching(/^ok {6}a\.tld at .* presents the certificate for a\.tld /),
      expect.stringMatching(/^2 of 2 handshakes are right/),
      expect.stringMatching(/^\d{4}-\S+Z: 1 of 2 handshakes have changed\.$/),
      expect.stringMatching(/^error {3}c\.tld at .*\[VERIFY_NAME_NOT_COVERED\]$/),
      expect.stringMatching(/^1 of 2 handshakes are right/),
      "",
    ]);
    expect(readFileSync(metrics, "utf8")).toContain("mail_sni_verify_exit_code ");
    expect(exitCode).toBe(1);
  });

  it("GIVEN --json THEN 2: the changes of several runs are not one document", async () => {
    const { exitCode, err } = await ran(["verify", "--watch", "--json"]);
    expect(exitCode).toBe(2);
    expect(err).toContain("cannot be used with option '--json'");
  });
});
