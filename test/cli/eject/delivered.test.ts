import { expect, it } from "vitest";
import { deliveredTo } from "../../../lib/cli/eject/delivered";
import { parseJson } from "../../../lib/shared/json/parse-json";

const delivered = (document: object) => deliveredTo("mx1", parseJson(JSON.stringify(document), 1_000_000));

it("GIVEN files of a host THEN those without a text are PEMs, private unless declared otherwise", () => {
  const { pems, addresses, others } = delivered({
    resource: {
      mailsni_host_files: {
        a: {
          host: "mx1",
          files: {
            "/a.pem": {},
            "/b.pem": { mode: "0640", owner: "root", group: "qmail" },
            "/c.conf": { text: "x", mode: "0644" },
            "/$${c}.pem": {},
            "/${unknown}.pem": {},
          },
        },
        b: { host: "mx2", files: { "/d.pem": {} } },
      },
      mailsni_acme_certificate: { a: { host: "mx1" } },
    },
  });
  const isPrivate = { mode: "0600", owner: null, group: null };
  expect(pems).toEqual([
    { path: "/a.pem", ...isPrivate },
    { path: "/b.pem", mode: "0640", owner: "root", group: "qmail" },
    { path: "/${c}.pem", ...isPrivate },
  ]);
  expect([addresses, others]).toEqual([
    ["mailsni_host_files.a"],
    ["mailsni_host_files.b", "mailsni_acme_certificate.a"],
  ]);
});

it("GIVEN services THEN their commands are known, in the order of their names, and none without services", () => {
  const services = {
    qmail: {},
    "a$${b}": { activate: ["reload", "$${x}"] },
    dovecot: { activate: ["doveadm", "reload"] },
  };
  const document = { provider: { mailsni: [{ stack: "mail", hosts: { mx1: { services } } }] } };
  expect(delivered(document)).toMatchObject({ ledgerStack: "mail", issuesItself: false, pems: [] });
  expect(delivered(document).activations).toEqual([
    { service: "a${b}", command: ["reload", "${x}"] },
    { service: "dovecot", command: ["doveadm", "reload"] },
  ]);
  expect(delivered({})).toMatchObject({ ledgerStack: null, activations: [] });
});
