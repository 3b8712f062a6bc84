import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { shownKey } from "../../../../lib/shared/transport/ssh/shown-key";
import { describeIf, sshd } from "../../../support/requirements";
import { SshServer } from "../../../support/ssh-server";

describeIf(sshd, "the key that a host shows", () => {
  let server: SshServer;
  beforeEach(async () => {
    server = await SshServer.start();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    return server.stop();
  });

  const log = () => readFileSync(join(server.directory, "log"), "utf8");

  it("is the host's key, read without a login", async () => {
    expect(await shownKey(server.settings({ hostKeys: [] }), server.fingerprint)).toBe(server.hostKey);
    expect(log()).not.toMatch(/Accepted|session opened/);
  });

  it("GIVEN a key that is trusted by then THEN there is still no login", async () => {
    await shownKey(server.settings(), server.fingerprint);
    expect(log()).not.toMatch(/Accepted|session opened/);
  });

  it("GIVEN another key than before THEN it is not shown: that is not the one to compare", async () => {
    const before = server.fingerprint;
    server.changeHostKey();
    await server.restart();
    expect(await shownKey(server.settings({ hostKeys: [] }), before)).toBeNull();
  });

  it("GIVEN a host that is away THEN there is none, and nothing is left behind", async () => {
    // Of its own: other tests have such directories, too.
    const temporary = mkdtempSync(join(tmpdir(), "shown-"));
    vi.stubEnv("TMPDIR", temporary);
    const settings = server.settings({ hostKeys: [], address: "root@127.0.0.1:1" });
    expect(await shownKey(settings, server.fingerprint)).toBeNull();
    expect(readdirSync(temporary)).toEqual([]);
    rmdirSync(temporary);
  });
});
