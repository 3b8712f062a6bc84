import { expect, it } from "vitest";
import { renewersIn } from "../../../lib/shared/renewers/renewers";

const UNIT = "/etc/systemd/system/a.service";
const WANTED = "T\t\t\t/etc/systemd/system/timers.target.wants/a.timer";

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
