import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NameLookups } from "../../../../lib/cli/dns/name-lookups";
import { isPublicAddress } from "../../../../lib/cli/doctor/checks/names/public-address";
import { DnsServer, type Zone } from "../../../support/dns-server";
import { AcmeDirectoryServer } from "../support/acme-directory-server";
import { DoctorProject, linesOf } from "../support/doctor-project";

/** Of hosts as the Internet sees them (RFC 5737). */
const HOST = "192.0.2.1";

let ca: AcmeDirectoryServer;
let zone: Zone;
let dns: DnsServer;
let project: DoctorProject;

beforeAll(async () => {
  ca = await AcmeDirectoryServer.start();
});
afterAll(() => ca.close());
beforeEach(async () => {
  ca.status = 200;
  zone = new Map([
    ["A d.test", [HOST]],
    ["A imap.d.test", [HOST]],
  ]);
  dns = await DnsServer.authority(zone, "127.0.0.1");
  project = new DoctorProject();
});
afterEach(() => {
  dns.close();
  project.remove();
});

interface Declared {
  readonly names?: readonly string[];
  readonly optional?: readonly string[];
  readonly challenge?: object;
  readonly url?: string;
  readonly address?: string;
}

function declare({
  names = ["d.test", "imap.d.test"],
  optional = [],
  challenge = { webroot: "/srv/www" },
  url = ca.url,
  address = `root@${HOST}`,
}: Declared = {}): void {
  const certificate = {
    directory_url: url,
    directory_ca_pem: ca.rootPem,
    names,
    optional_names: optional,
    challenge: { dns_servers: [`127.0.0.1:${dns.port}`], ...challenge },
  };
  project.declare({
    provider: { mailsni: [{ stack: "mail", hosts: { mx1: { address } } }] },
    resource: { mailsni_acme_certificate: { c_d_test: certificate } },
  });
}

/** Runs doctor. @returns the lines of that check, where no other has found anything */
async function only(check: string, status = 1): Promise<string> {
  const run = await project.doctor(["--no-hosts"]);
  const found = run.out.match(/^(error|warning) .*\[[a-z-]+\]$/gm) ?? [];
  expect(found.filter((line) => !line.endsWith(`[${check}]`))).toEqual([]);
  expect(run.exitCode).toBe(status);
  return linesOf(run, check).join("\n");
}

async function isWell(): Promise<void> {
  expect((await project.doctor(["--no-hosts"])).out).toMatch(/^Nothing is wrong/);
}

describe("the check `dns`", () => {
  it("GIVEN names that lead to the host THEN nothing", async () => {
    declare();
    await isWell();
  });

  it("GIVEN a name without an address THEN its order will fail", async () => {
    zone.delete("A imap.d.test");
    declare();
    const found = await only("dns");
    expect(found).toMatch(/^error {3}imap\.d\.test of stack mail: imap\.d\.test has no address/);
    expect(found).toContain("Add an A or AAAA record");
  });

  it("GIVEN that it is optional THEN nothing; GIVEN a DNS challenge THEN a warning", async () => {
    zone.delete("A imap.d.test");
    declare({ names: ["d.test"], optional: ["imap.d.test"] });
    await isWell();
    declare({ challenge: { hook: ["/usr/bin/hook"] } });
    expect(await only("dns", 0)).toContain("no client will find a server there");
  });

  it("GIVEN a name that leads to another machine THEN a warning, with both addresses", async () => {
    zone.set("A imap.d.test", ["192.0.2.99"]);
    declare();
    const found = await only("dns", 0);
    expect(found).toContain(
      "imap.d.test has the address 192.0.2.99, which no host of the stack has (192.0.2.1)",
    );
  });

  it("GIVEN a host whose IPv6 address is written in another way than DNS has it THEN nothing", async () => {
    for (const name of ["d.test", "imap.d.test"]) {
      zone.delete(`A ${name}`);
      zone.set(`AAAA ${name}`, ["2606:4700::a"]);
    }
    declare({ address: "root@[2606:4700:0:0:0:0:0:A]" });
    await isWell();
    declare({ address: "root@[2606:4700::b]" });
    expect(await only("dns", 0)).toContain("which no host of the stack has (2606:4700::b)");
  });

  it("GIVEN hosts behind NAT, or one whose address is not known THEN addresses are not compared", async () => {
    zone.set("A imap.d.test", ["192.0.2.99"]);
    for (const address of ["root@10.0.0.1", "${var.address}"]) {
      declare({ address });
      await isWell();
    }
  });

  it("GIVEN name servers that fail THEN a warning of each question", async () => {
    dns.isBroken = true;
    declare({ names: ["d.test"] });
    const { out, exitCode } = await project.doctor(["--no-hosts"]);
    expect(out).toMatch(/^warning d\.test of stack mail: DNS could not be queried for d\.test .* \[dns\]$/m);
    expect(out).toMatch(/^warning d\.test of stack mail: DNS could not be queried for d\.test .* \[caa\]$/m);
    expect(exitCode).toBe(0);
  });

  it("GIVEN DNS that has been silent for long THEN nothing more is asked", async () => {
    const lookups = new NameLookups(-1);
    await expect(lookups.addresses("d.test", [`127.0.0.1:${dns.port}`])).rejects.toThrow(
      "it has not answered for a while",
    );
    expect(dns.asked).toEqual([]);
  });

  it("GIVEN --offline THEN no host, DNS server or CA is asked", async () => {
    declare();
    const run = await project.doctor(["--offline", "--verbose"]);
    expect(linesOf(run, "dns")).toEqual(["skipped stack mail: --offline. [dns]"]);
    expect(dns.asked).toEqual([]);
  });
});

describe("the check `caa`", () => {
  it("GIVEN records far above that allow another CA THEN which record to add", async () => {
    zone.set("CAA test", ["0 issue other.test"]);
    declare({ names: ["imap.d.test"] });
    const found = await only("caa");
    expect(found).toContain(
      "The CAA records of test allow only other.test: ca.test will not issue for imap.d.test.",
    );
    expect(found).toContain('Add the record test. CAA 0 issue "ca.test"');
  });

  it("GIVEN records of the name itself THEN those above do not count", async () => {
    zone.set("CAA test", ["0 issue other.test"]).set("CAA imap.d.test", ["0 issue CA.test"]);
    declare({ names: ["imap.d.test"] });
    await isWell();
  });

  it.each([
    ["no CA", ["0 issue ;"], "allow no CA"],
    [
      "the other challenge",
      ["0 issue ca.test; validationmethods=dns-01"],
      "do not allow the challenge http-01",
    ],
    [
      "a critical property of the future",
      ["128 future x", "0 issue ca.test"],
      "have the critical property future",
    ],
  ])("GIVEN %s THEN it will not issue", async (_, records, words) => {
    zone.set("CAA d.test", records);
    declare({ names: ["d.test"] });
    expect(await only("caa")).toContain(words);
  });

  it("GIVEN a wildcard THEN issuewild overrides issue", async () => {
    zone.set("CAA d.test", ["0 issue ca.test", "0 issuewild other.test"]);
    declare({ names: ["*.d.test"], challenge: { hook: ["/usr/bin/hook"] } });
    expect(await only("caa")).toContain('Add the record d.test. CAA 0 issuewild "ca.test"');
    declare({ names: ["d.test"] });
    await isWell();
  });

  it("GIVEN a CA that does not say its name THEN it is skipped", async () => {
    const document = ca.document;
    ca.document = { newOrder: "https://localhost/order" };
    declare();
    const run = await project.doctor(["--no-hosts", "--verbose"]);
    ca.document = document;
    expect(linesOf(run, "caa").join()).toContain("its CA does not say by which name");
    expect(run.exitCode).toBe(0);
  });
});

describe("the check `acme-directory`", () => {
  it.each([
    ["that fails", 500, { newOrder: "x" }, "it answers with status 500"],
    ["of something else", 200, { hello: "world" }, "in its answer, newOrder is missing"],
  ])("GIVEN a URL %s THEN that, once for all names", async (_, status, document, words) => {
    const before = ca.document;
    [ca.status, ca.document] = [status, document];
    declare();
    const found = await only("acme-directory");
    ca.document = before;
    expect(found.split("\n")[0]).toContain(`${ca.url} of stack mail: ${ca.url} is not the directory`);
    expect(found).toContain(words);
  });

  it("GIVEN a URL at which no server listens, or without TLS THEN it cannot be reached", async () => {
    declare({ url: "https://localhost:1/directory" });
    expect(await only("acme-directory")).toContain("https://localhost:1/directory cannot be reached");
    declare({ url: "http://localhost/directory" });
    expect(await only("acme-directory")).toContain("it is not an https:// URL");
  });
});

describe("isPublicAddress", () => {
  it("GIVEN addresses that are not routed THEN false", () => {
    const inside = [
      "10.1.2.3",
      "127.0.0.1",
      "192.168.0.1",
      "172.31.0.1",
      "100.64.0.1",
      "::1",
      "fd00::1",
      "fe80::1",
    ];
    expect(inside.filter(isPublicAddress)).toEqual([]);
    expect(["192.0.2.1", "172.32.0.1", "2001:db8::1"].every(isPublicAddress)).toBe(true);
  });
});
