import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { adviceOn, complaint } from "../../../lib/shared/transport/complaint";

/** The system's own words, as tools print them. */
function reason(code: keyof typeof constants.errno): string {
  const program = `$! = ${constants.errno[code]}; print "$!"`;
  return execFileSync("perl", ["-e", program], { encoding: "utf8", env: { LC_ALL: "C" } });
}

describe("a complaint of a tool", () => {
  it.each([
    ["EROFS", "remount,rw"],
    ["ENOSPC", "df -h"],
    ["EDQUOT", "quota"],
    ["EACCES", "become"],
    ["EPERM", "chattr -i"],
    ["EIO", "journalctl -k"],
    ["ESTALE", "remount"],
    ["ELOOP", "link"],
    ["EBUSY", "mounted"],
    ["ENAMETOOLONG", "shorter"],
  ] as const)("GIVEN %s THEN what to do follows what was said", (code, advice) => {
    const said = `mv: cannot move 'a' to 'b': ${reason(code)}`;
    expect(complaint(`${said}\n`).startsWith(`${said}. `)).toBe(true);
    expect(complaint(said)).toContain(advice);
  });

  it("GIVEN several reasons THEN the last one counts, which is that of what was tried last", () => {
    const said = `ln: failed: ${reason("EPERM")}\ncp: failed: ${reason("ENOSPC")}\n`;
    expect(adviceOn(said)).toContain("Make room");
  });

  it("GIVEN a reason that is not known THEN it stands for itself", () => {
    expect(complaint("it is just so.\n")).toBe("it is just so");
    expect(complaint("")).toBe("(it printed nothing)");
  });
});
