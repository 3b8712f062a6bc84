import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import type { HostSettings } from "../../../lib/provider/host/desired/host-settings";
import { Hosts } from "../../../lib/provider/host/hosts";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { acmeAccount } from "../../../lib/provider/resources/acme-account";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { Pebble } from "../../support/pebble";
import { describeIf, pebble as pebbleIsThere, sshd } from "../../support/requirements";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";
import { SshServer } from "../../support/ssh-server";
import { certificateValues, directoryOf } from "./support/acme-values";

describeIf([pebbleIsThere, sshd], "a challenge on hosts that ssh reaches", () => {
  let pebble: Pebble;
  let server: SshServer;
  let directories: AcmeDirectories;
  let config: Values;

  beforeAll(async () => {
    [pebble, server] = await Promise.all([Pebble.start(), SshServer.start()]);
    directories = new AcmeDirectories(acmeTimeouts());
    const account = new ResourceLifecycle(acmeAccount(directories, new KeyPassphrases()));
    await account.apply({ ...directoryOf(pebble), terms_of_service_agreed: true });
    config = certificateValues(pebble, account.state as Values, []);
  });
  afterAll(async () => {
    directories.close();
    await Promise.all([pebble.stop(), server.stop()]);
  });

  function host(name: string, more: Partial<HostSettings> = {}): [string, HostSettings] {
    const root = dirname(pebble.web.directory);
    const settings = {
      name,
      root,
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
      ...more,
    };
    return [name, settings];
  }

  async function order(hosts: Hosts, ...names: readonly string[]): Promise<readonly string[]> {
    try {
      const certificate = new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), hosts);
      return (await certificate.apply({ ...config, names })).diagnostics;
    } finally {
      await hosts.close();
    }
  }

  it("GIVEN one that is there and one that is gone THEN the token is put on the former, and taken away", async () => {
    const here = host("mx1", { ssh: server.settings() });
    const gone = host("mx2", { ssh: server.settings(), gone: true });
    expect(await order(new Hosts("mail", new Map([here, gone])), "imap.here.test", "smtp.here.test")).toEqual(
      [],
    );
    expect(pebble.web.requests.length).toBeGreaterThan(0);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("GIVEN one that is away, to which no name leads, THEN it holds up nothing", async () => {
    const here = host("mx1");
    const away = host("mx2", { ssh: { ...server.settings(), address: "root@127.0.0.1:1" } });
    expect(await order(new Hosts("mail", new Map([here, away])), "imap.away.test")).toEqual([]);
    expect(pebble.web.tokens).toEqual([]);
  });

  it("GIVEN one that is away, to which a name leads, THEN the error names both, and nothing is left on the other", async () => {
    const here = host("mx1");
    const away = host("mx2", { ssh: { ...server.settings(), address: "root@127.0.0.1:1" } });
    await pebble.setDns("imap.led.test", { type: "a", addresses: ["127.0.0.1"] });
    const diagnostics = await order(
      new Hosts("mail", new Map([here, away])),
      "imap.led.test",
      "smtp.led.test",
    );
    expect(diagnostics[0]).toMatch(
      /^error No certificate for the names below led\.test: imap\.led\.test: .*127\.0\.0\.1 \(port 80\).*on host "mx2".*Check "mx2"/,
    );
    expect(pebble.web.tokens).toEqual([]);
  });

  it("GIVEN optional names THEN those count that lead to any of the hosts that a token is put on", async () => {
    const here = host("mx1");
    const other = host("mx2", { ssh: { ...server.settings(), address: "root@192.0.2.9" } });
    const hosts = new Hosts("mail", new Map([here, other]));
    await pebble.setDns("pop.both.test", { type: "a", addresses: ["192.0.2.9", pebble.web.address] });
    await pebble.setDns("www.both.test", { type: "a", addresses: ["192.0.2.10"] });
    const certificate = new ResourceLifecycle(acmeCertificate(directories, new KeyPassphrases()), hosts);
    await certificate.apply({ ...config, names: ["imap.both.test"] });
    certificate.state = { ...certificate.state, optional_names: ["pop.both.test", "www.both.test"] };
    await certificate.read();
    expect(certificate.state).toMatchObject({ provable_names: ["pop.both.test"] });
    await hosts.close();
  });
});
