import { afterEach, beforeEach, expect, it } from "vitest";
import { provableNames } from "../../../lib/provider/acme/optional-names";
import { NameServers } from "../../../lib/shared/dns/name-servers";
import { DnsServer } from "../../support/dns-server";

let dns: DnsServer;
beforeEach(async () => {
  dns = await DnsServer.resolver(
    new Map([
      ["AAAA pop.a.test", ["2001:db8::10"]],
      ["AAAA elsewhere.a.test", ["2001:db8::99"]],
      ["AAAA both.a.test", ["2001:db8::10", "2001:db8::99"]],
    ]),
  );
});
afterEach(() => dns.close());

it.each(["2001:db8::10", "2001:DB8:0:0:0:0:0:10"])(
  "GIVEN a mail host whose address is written %s THEN the names that lead there alone are proven",
  async (address) => {
    const wanted = {
      names: ["a.test"],
      optional: ["pop.a.test", "elsewhere.a.test", "both.a.test", "none.a.test"],
      served: [],
      type: "http-01" as const,
      hosts: [address],
    };
    const servers = new NameServers([`127.0.0.1:${dns.port}`]);
    expect(await provableNames(wanted, servers)).toEqual(["pop.a.test"]);
  },
);
