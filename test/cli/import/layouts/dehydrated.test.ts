import { expect, it } from "vitest";
import { dehydratedRows, dehydratedSettings } from "../../../../lib/cli/import/layouts/dehydrated";
import { file } from "../support/configuration-file";

const settings = (...lines: string[]) =>
  dehydratedSettings([file("dehydrated", "/etc/dehydrated/config", lines)]);

it("GIVEN variables in a value THEN those that are known are replaced", () => {
  expect(settings("BASEDIR=/var/lib/dehydrated/", 'CERTDIR="${BASEDIR}/certs$NONE"')).toMatchObject({
    certificates: "/var/lib/dehydrated/certs",
    domainsTxt: "/var/lib/dehydrated/domains.txt",
  });
});

it("GIVEN lines of which each doubles the value THEN those are not taken that are longer than a path", () => {
  const doubling = Array.from({ length: 100 }, () => "BASEDIR=$BASEDIR$BASEDIR");
  const found = settings("BASEDIR=/a", ...doubling);
  expect(found?.certificates).toBe(`${"/a".repeat(2048)}/certs`);
  expect(dehydratedRows(found as never, [file("domains", "/a", ["a.tld"])])).toHaveLength(1);
});
