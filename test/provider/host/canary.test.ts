import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Change, ChangeResult } from "../../../lib/provider/host/desired/change";
import type { Host } from "../../../lib/provider/host/host";
import type { Endpoint } from "../../../lib/shared/transport/connection-settings";
import { type Transport, targetOnThisMachine } from "../../../lib/shared/transport/transport";
import { HostUnreachable } from "../../../lib/shared/transport/unreachable";
import { combinedPem, issue } from "../../support/certificates";
import { freePort } from "../../support/ports";
import { certificate, change, link, pathsOf, pem, text } from "./support/changes";
import { TestHost } from "./support/test-host";
import { startTlsServer, type TlsServer } from "./support/tls-server";

const NAMES = ["a.test", "imap.a.test", "pop.a.test"];
const pems = new Map<string, string>();
beforeAll(async () => {
  for (const age of ["old", "new"]) {
    pems.set(`${age} a`, combinedPem(await issue({ subject: "CN=a.test", dnsNames: NAMES })));
    pems.set(`${age} b`, combinedPem(await issue({ subject: "CN=b.test", dnsNames: ["b.test"] })));
  }
});
const pemOf = (age: "old" | "new", of: "a" | "b") => pems.get(`${age} ${of}`) ?? "";

let on: TestHost;
let servers: TlsServer[];
/** What was asked: `port name`. */
let asked: Set<string>;
beforeEach(() => {
  on = new TestHost();
  servers = [];
  asked = new Set();
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await on.remove();
});

/** What a client gets that asks for a name; undefined for one that sends none. */
type Presents = (name: string | undefined) => string | undefined;

const loaded: Presents = (name) => {
  const domain = name?.includes("a.test") ? "a.test" : name;
  return on.loaded(domain ?? "default") || on.loaded("default") || pemOf("old", "b");
};

async function port(presents: Presents = loaded): Promise<Endpoint> {
  const port = await freePort();
  // The server looks for its default at each connection, and when it starts.
  const pemFor: Presents = (name) => {
    asked.add(`${port} ${name ?? "(default)"}`);
    return presents(name);
  };
  servers.push(await startTlsServer(pemFor, { port }));
  asked.clear();
  return { address: "127.0.0.1", port, protocol: "tls" };
}

/** The host with `served` at these ports. */
function open(
  endpoints: readonly Endpoint[],
  {
    canary = true,
    endpointsWithoutSni,
  }: { canary?: boolean; endpointsWithoutSni?: readonly Endpoint[] } = {},
): Host {
  const settings = on.settings.services.get("served");
  if (!settings) throw new Error("no such service");
  const services = new Map([
    ...on.settings.services,
    ["served", { ...settings, endpoints, endpointsWithoutSni }] as const,
  ]);
  return on.open({ settings: { services, canary }, timeouts: { presentMs: 1_500, listenMs: 0 } });
}

const ofA = (age: "old" | "new", kind: Change["kind"]) =>
  certificate("a.test", pemOf(age, "a"), { kind, aliases: NAMES.slice(1) });
const ofB = (age: "old" | "new", kind: Change["kind"]) => certificate("b.test", pemOf(age, "b"), { kind });
const byDefault = (): Change =>
  change({
    role: "default",
    kind: "create",
    names: ["a.test"],
    files: [
      pem("/etc/served/pem/default.pem", pemOf("old", "a"), { service: "served" }),
      text("/etc/served/conf.d/default.conf", "default /etc/served/pem/default.pem\n", { service: "served" }),
    ],
  });

const details = ({ errors }: ChangeResult) => errors.map(({ summary, detail }) => `${summary}: ${detail}`);
/** The names that were asked for at a port; the default stands for any connection. */
const namesAt = ({ port }: Endpoint) =>
  [...asked]
    .filter((each) => each.startsWith(`${port} `))
    .map((each) => each.replace(`${port} `, ""))
    .sort();

describe("a change on a canary", () => {
  it("THEN every name is asked for at every port; on another host one name at one", async () => {
    const [imaps, pop3s] = [await port(), await port()];
    expect(details(await open([imaps, pop3s]).change(ofA("old", "create")))).toEqual([]);
    for (const endpoint of [imaps, pop3s]) {
      expect(namesAt(endpoint)).toEqual(["(default)", ...NAMES]);
    }
    asked.clear();
    await open([imaps, pop3s], { canary: false }).change(ofA("new", "update"));
    expect(namesAt(imaps)).toEqual(["(default)", "a.test"]);
    expect(namesAt(pop3s)).toEqual([]);
  });

  it("GIVEN one port that is wrong for one name THEN the old files are restored, and the message names both and the hosts that wait", async () => {
    let isStubborn = false;
    const stubborn: Presents = (name) =>
      isStubborn && name === "pop.a.test" ? pemOf("old", "a") : loaded(name);
    const [imaps, pop3s] = [await port(), await port(stubborn)];
    const host = open([imaps, pop3s]);
    await Promise.all([host.change(ofA("old", "create")), host.change(ofB("old", "create"))]);
    isStubborn = true;

    const [a, b] = await Promise.all([host.change(ofA("new", "update")), host.change(ofB("new", "update"))]);

    expect(details(b)).toEqual([]);
    expect(details(a)).toEqual([
      expect.stringMatching(
        new RegExp(
          "served does not serve the new certificate for pop.a.test: " +
            `The provider checked 127.0.0.1:${pop3s.port} on host "mx1" for \\d+ s: the server presents a certificate of a.test`,
        ),
      ),
    ]);
    expect(details(a)[0]).toContain(
      'Host "mx1" is a canary: this change is held back from the hosts that wait for it. They keep the certificate',
    );
    expect(on.read(pathsOf("a.test").served)).toBe(pemOf("old", "a"));
    expect(on.read(pathsOf("b.test").served)).toBe(pemOf("new", "b"));
  });

  it("GIVEN a port that is wrong for all names THEN the message names each of them", async () => {
    const wrong: Presents = () => pemOf("old", "b");
    const [imaps, pop3s] = [await port(), await port(wrong)];
    const [said = ""] = details(await open([imaps, pop3s]).change(ofA("old", "create")));
    expect(said).toContain("served does not serve the new certificate for a.test");
    expect(said).toContain(
      `Nor does it present the new certificate for imap.a.test on 127.0.0.1:${pop3s.port}, pop.a.test on 127.0.0.1:${pop3s.port}. `,
    );
  });

  it("GIVEN optional names THEN those are asked for that the certificate and the links of the service have", async () => {
    const imaps = await port();
    const one = certificate("a.test", pemOf("old", "a"));
    const links = [
      link("/etc/served/by-name/pop.a.test/cert.pem", "../../pem/a.test.pem", { service: "served" }),
    ];
    await open([imaps]).change({ ...one, links });
    expect(namesAt(imaps)).toEqual(["(default)", "a.test", "pop.a.test"]);
  });

  it("GIVEN a port that ignores SNI THEN it has to present the default certificate, and no other is expected there", async () => {
    const isOfDefault: Presents = () => on.loaded("default") || pemOf("old", "b");
    const [smtp, smtps] = [await port(), await port(isOfDefault)];
    const host = open([smtp], { endpointsWithoutSni: [smtps] });
    expect(details(await host.change(ofA("old", "create")))).toEqual([]);
    expect(namesAt(smtps)).toEqual([]);
    expect(details(await host.change(byDefault()))).toEqual([]);
    expect(namesAt(smtps)).toEqual(["(default)"]);
  });

  it("GIVEN that port presents another certificate THEN the default is refused", async () => {
    const [smtp, smtps] = [await port(), await port(() => pemOf("old", "b"))];
    const [said] = details(await open([smtp], { endpointsWithoutSni: [smtps] }).change(byDefault()));
    expect(said).toContain("served does not serve the new certificate for clients without SNI");
    expect(said).toContain(`127.0.0.1:${smtps.port}`);
  });

  it("GIVEN nothing listens at some ports THEN those that listen decide", async () => {
    const [imaps, closed] = [await port(), await port()];
    await servers.pop()?.stop();
    expect(await open([closed, imaps]).change(ofA("old", "create"))).toMatchObject({
      errors: [],
      warnings: [],
    });
  });
});

/** The way to a host that is down. */
const away: Transport = {
  target: targetOnThisMachine,
  connect: () => Promise.reject(new HostUnreachable("no route to host")),
  open: () => Promise.reject(new HostUnreachable("no route to host")),
};

describe("a canary that fails for another reason", () => {
  it.each([
    ["base", /They get no change at all/],
    [null, /They keep the certificate that they have/],
  ] as const)(
    "GIVEN it cannot be reached, and the role %s THEN the message says what that means for others",
    async (role, consequence) => {
      const host = on.open({ settings: { canary: true }, transport: away });
      const [said = ""] = details(await host.change({ ...ofB("old", "create"), role }));
      expect(said).toContain("no route to host");
      expect(said).toMatch(consequence);
      expect(said).toContain("declare the host without `canary`");
    },
  );

  it("GIVEN a deletion THEN nothing waits for it", async () => {
    const host = open([]);
    await host.change(ofB("old", "create"));
    const cut = on.open({ settings: { canary: true }, transport: away });
    expect(details(await cut.change(change({ kind: "delete", token: "b.test" }))).join()).not.toContain(
      "canary",
    );
  });
});
