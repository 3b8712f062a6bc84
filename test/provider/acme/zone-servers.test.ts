import { afterEach, beforeEach, expect, it } from "vitest";
import { DnsHook } from "../../../lib/provider/acme/dns-hook";
import { ZoneServers } from "../../../lib/provider/acme/zone-servers";
import { NameServers } from "../../../lib/shared/dns/name-servers";
import { KeyedMutex } from "../../../lib/shared/mutex";
import { DnsServer, type Zone } from "../../support/dns-server";

const RECORD = "_acme-challenge.imap.d.test";

let everybody: DnsServer;
let one: DnsServer;
let other: DnsServer;
/** What the two servers of d.test have. */
let zones: [Zone, Zone];
let servers: ZoneServers;

beforeEach(async () => {
  zones = [new Map(), new Map()];
  one = await DnsServer.authority(zones[0], "127.0.0.1");
  other = await DnsServer.authority(zones[1], "127.0.0.2", one.port);
  everybody = await DnsServer.resolver(
    new Map([
      ["NS d.test", ["ns1.d.test", "ns2.d.test"]],
      ["NS acme.test", ["ns1.d.test"]],
      ["A ns1.d.test", ["127.0.0.1"]],
      ["A ns2.d.test", ["127.0.0.2"]],
      [`TXT _acme-challenge.elsewhere.test`, ["value"]],
    ]),
  );
  servers = new ZoneServers(new NameServers([`127.0.0.1:${everybody.port}`]), one.port);
});
afterEach(() => {
  for (const server of [everybody, one, other]) server.close();
});

it("GIVEN a record that comes later than the first question THEN it is seen, and no resolver that may remember is asked for it", async () => {
  expect(await servers.hasText(RECORD, "value")).toBe(false);
  for (const zone of zones) zone.set(`TXT ${RECORD}`, ["another", "value"]);
  expect(await servers.hasText(RECORD, "value")).toBe(true);
  expect(everybody.asked).not.toContain(`TXT ${RECORD}`);
});

it("GIVEN one of the zone's servers has the record not yet THEN it is not seen: the CA may ask that one", async () => {
  zones[0].set(`TXT ${RECORD}`, ["value"]);
  expect(await servers.hasText(RECORD, "value")).toBe(false);
});

it("GIVEN one of the zone's servers does not answer THEN the others count", async () => {
  zones[0].set(`TXT ${RECORD}`, ["value"]);
  other.isBroken = true;
  expect(await servers.hasText(RECORD, "value")).toBe(true);
});

it("GIVEN an alias into another zone THEN that one's servers are asked", async () => {
  for (const zone of zones) zone.set(`CNAME ${RECORD}`, ["x.acme.test"]);
  expect(await servers.hasText(RECORD, "value")).toBe(false);
  zones[0].set("TXT x.acme.test", ["value"]);
  expect(await servers.hasText(RECORD, "value")).toBe(true);
});

it("GIVEN aliases in a circle THEN there is an end", async () => {
  for (const zone of zones)
    zone
      .set(`CNAME ${RECORD}`, [RECORD])
      .set("CNAME a.d.test", ["b.d.test"])
      .set("CNAME b.d.test", ["a.d.test"]);
  expect(await servers.hasText(RECORD, "value")).toBe(false);
  expect(await servers.hasText("a.d.test", "value")).toBe(false);
});

it("GIVEN a long chain of aliases THEN each server is asked once for each, and not once for each way there", async () => {
  for (const zone of zones) {
    for (let hop = 0; hop < 8; hop++) zone.set(`CNAME a${hop}.d.test`, [`a${hop + 1}.d.test`]);
    zone.set("TXT a8.d.test", ["value"]);
  }
  expect(await servers.hasText("a0.d.test", "value")).toBe(true);
  expect(one.asked.filter((question) => question === "TXT a8.d.test")).toHaveLength(1);
});

it("GIVEN servers with an alias each that lead to one name THEN the record is seen there", async () => {
  for (const [index, zone] of zones.entries()) {
    zone.set(`CNAME ${RECORD}`, [`way${index}.d.test`]);
    for (const way of [0, 1]) zone.set(`CNAME way${way}.d.test`, ["end.d.test"]);
    zone.set("TXT end.d.test", ["value"]);
  }
  expect(await servers.hasText(RECORD, "value")).toBe(true);
});

it("GIVEN a zone whose servers are not to be found, or do not answer, THEN this machine's are asked", async () => {
  expect(await servers.hasText("_acme-challenge.elsewhere.test", "value")).toBe(true);
  one.isBroken = true;
  other.isBroken = true;
  await servers.hasText(RECORD, "value");
  expect(everybody.asked).toContain(`TXT ${RECORD}`);
});

it("GIVEN a hook whose record is there after a while THEN it is waited for, and one that never comes is told with its name", async () => {
  const hook = (propagationMs: number) =>
    new DnsHook({
      command: ["true"],
      chain: false,
      nameServers: servers,
      propagationMs,
      mutex: new KeyedMutex(),
    });
  const responses = [{ name: "imap.d.test", token: "t", keyAuthorization: "k" }];
  await expect(hook(0).present(responses)).rejects.toMatchObject({ names: ["imap.d.test"] });
  // The SHA-256 digest of the key authorisation, base64url.
  const value = "glTDKakoUPbVOd03b0gW7idkUX2l4CNVFK9DMWRIDXo";
  const presented = hook(20_000).present(responses);
  setTimeout(() => {
    for (const zone of zones) zone.set(`TXT ${RECORD}`, [value]);
  }, 300);
  await expect(presented).resolves.toEqual([]);
});
