import { expect, it } from "vitest";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { faultOf, subjectOf } from "../../../lib/provider/resources/acme-certificate/title";

it.each([
  [["imap.d.tld", "smtp.d.tld"], ["d.tld", "pop.d.tld"], "d.tld"],
  [["*.d.tld"], ["d.tld"], "d.tld"],
  [["imap.d.tld", "smtp.d.tld"], null, "the names below d.tld"],
  [["imap.d.tld"], null, "imap.d.tld"],
  [["a.tld", "b.tld"], null, "a.tld"],
  [["imap.d.tld", "smtp.e.tld"], null, "imap.d.tld"],
  [["*.d.tld"], null, "d.tld"],
])(
  "GIVEN the names %j, and optional ones %j, THEN the certificate is called %s",
  (names, optional_names, subject) => {
    expect(subjectOf({ names, optional_names })).toBe(subject);
  },
);

it.each([
  [[], ""],
  [["d.tld"], ""],
  [["imap.d.tld"], ": imap.d.tld"],
  [["a.d.tld", "b.d.tld", "c.d.tld", "e.d.tld", "f.d.tld"], ": a.d.tld, b.d.tld, c.d.tld and 2 more"],
])("GIVEN a failure about %j THEN the title ends in %j", (atFault, end) => {
  const failure = new AcmeFailure("No.", "Do.", undefined, undefined, atFault);
  expect(faultOf({ names: ["d.tld"], optional_names: null }, failure)).toBe(end);
});
