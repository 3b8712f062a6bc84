import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { vi } from "vitest";
import { spawnQmail } from "../../support/qmail/spawn";
import { oddDovecot } from "./odd-dovecot";
import { oddPemScenarios } from "./odd-pem-scenarios";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
oddDovecot("2.3");

oddPemScenarios({
  title: "odd PEMs and qmail",
  requirement: { missing: null },
  async start(pems, defaultPem) {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
    chmodSync(directory, 0o755);
    const put = (path: string, pem: string) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), pem);
    };
    put("control/servercert.pem", defaultPem);
    for (const [name, pem] of Object.entries(pems)) put(`control/servercerts/${name}/servercert.pem`, pem);
    const server = await spawnQmail({ directory, mode: "smtps" });
    return {
      port: server.port,
      stop: () => server.stop().finally(() => rmSync(directory, { recursive: true, force: true })),
    };
  },
});
