import { expect, it } from "vitest";
import { readDovecot } from "../../../../lib/cli/import/layouts/dovecot";
import { file } from "../support/configuration-file";

const MAIN = "/etc/dovecot/dovecot.conf";
const ofListing = (...lines: string[]) => readDovecot([file("dovecot", MAIN, ["# 2.3.19", ...lines])], []);
const ofFiles = (...lines: string[]) =>
  readDovecot([file("dovecot", MAIN, [])], [file("dovecot", MAIN, lines)]);

const BLOCK = ["local_name a.tld B.tld {", "  ssl_cert = </a.pem", "  ssl_key = </a.key", "}"];

it("GIVEN blocks in a listing, and in files THEN each certificate has the key of its block", () => {
  const other = [
    "local_name c.tld {",
    "ssl_cert = </c.pem",
    "}",
    "local_name d.tld {",
    "ssl_key = </d.key",
    "}",
  ];
  for (const found of [
    ofListing(...BLOCK, ...other),
    ofFiles(
      ' \tlocal_name "a.tld B.tld"   { # x',
      "ssl_cert=</a.pem # y",
      '\tssl_key = "</a.key"',
      "}",
      ...other,
    ),
  ])
    expect(found?.server?.entries).toMatchObject([
      { names: ["a.tld", "b.tld"], certificate: "/a.pem", key: "/a.key" },
      { names: ["c.tld"], certificate: "/c.pem", key: null },
    ]);
});

it("GIVEN long runs of blanks in files THEN the lines are read at once", () => {
  const run = "\t ".repeat(100_000);
  const found = ofFiles(
    `local_name a.tld${run}{`,
    `ssl_cert = </a.pem${run}# ${run}x`,
    `}${run}`,
    `a${run}b`,
  );
  expect(found?.server?.entries).toMatchObject([{ names: ["a.tld"], certificate: "/a.pem" }]);
});

it("GIVEN blocks that nest without end THEN it says that the listing cannot be read", () => {
  const depth = 20_000;
  const lines = Array.from({ length: depth }, () => ["a {", "ssl_cert = </a.pem"]).flat();
  const found = ofListing(...lines, ...Array.from({ length: depth }, () => "}"));
  expect(found).toMatchObject({ server: null, problem: expect.stringContaining("doveconf -n") });
});

it("GIVEN a block with many names and many certificates THEN it is one entry, with the last certificate", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `n${index}.tld`).join(" ");
  const certificates = Array.from({ length: 20_000 }, (_, index) => `ssl_cert = </${index}.pem`);
  const server = ofListing(`local_name ${names} {`, ...certificates, "}")?.server;
  expect(server?.entries.length).toBe(1);
  expect(server?.entryFor("n9.tld")?.certificate).toBe("/19999.pem");
});
