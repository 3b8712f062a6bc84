import { expect, it } from "vitest";
import { certbotRows } from "../../../../lib/cli/import/layouts/certbot";
import { file } from "../support/configuration-file";

const rows = (...lines: string[]) =>
  certbotRows([file("certbot", "/etc/letsencrypt/renewal/a.tld.conf", lines)]);

it("GIVEN a list that ends with a comma, and blanks THEN the values are without them", () => {
  expect(
    rows(
      " authenticator =  webroot ",
      "webroot_path = /var/www/a, /var/www/b, ",
      "[[webroot_map]]",
      "server",
    ),
  ).toMatchObject([{ challenge: { kind: "webroot", path: "/var/www/a" }, directoryUrl: null }]);
});

it("GIVEN long runs of blanks and commas, with a line separator behind them THEN the line is read at once", () => {
  const run = " ,".repeat(100_000);
  for (const end of ["x", "\r", "\u2028x"])
    expect(rows(`server =${run}${end}`, "fullchain = /etc/a.pem")).toMatchObject([
      { certificate: "/etc/a.pem" },
    ]);
});
