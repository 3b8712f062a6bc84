import { expect, it } from "vitest";
import { renewersIn } from "../../../lib/shared/renewers/renewers";

const UNIT = "/etc/systemd/system/a.service";
const WANTED = "T\t\t\t/etc/systemd/system/timers.target.wants/a.timer";

it("GIVEN a path that no file can have THEN it is left out, so that no state keeps it", () => {
  const { active } = renewersIn(
    [`R\t1\tlego\t/etc/cron.d/${"a".repeat(5000)}`, "R\t1\tlego\t/etc/cron.d/b"],
    (path) => path,
  );
  expect(active.map(({ file }) => file)).toEqual(["/etc/cron.d/b"]);
});

it("GIVEN a host that prints clients of its own THEN only those are taken that the script looks for", () => {
  const printed = (program: string) => [
    `R\t3\t${program}\t/etc/cron.d/a`,
    `T\t\t\t${UNIT}`,
    WANTED,
    `R\tExecStart\t${program}\t${UNIT}`,
  ];
  const { active } = renewersIn(
    [...printed("certbot"), ...printed('"); evil();'), ...printed("toString")],
    (path) => path,
  );
  expect(active.map(({ program, where }) => [program, where])).toEqual([
    ["certbot", "/etc/cron.d/a:3"],
    ["certbot", "a.timer"],
  ]);
});
