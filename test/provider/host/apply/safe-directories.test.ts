import { describe, expect, it } from "vitest";
import { SafeDirectories } from "../../../../lib/provider/host/apply/safe-directories";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { fact } from "../support/found";

const directory = (parts: Partial<Fact> = {}) => fact({ kind: "directory", mode: "0755", ...parts });
const FACTS = { "/": directory(), "/etc": directory(), "/etc/mail": directory() };

function safe(
  facts: Readonly<Record<string, Fact>> = {},
  {
    acls = [],
    declared = {},
  }: { acls?: readonly string[]; declared?: Partial<{ mode: string; owner: string }> } = {},
): boolean {
  const wanted = { path: "/etc/mail", mode: "0755", owner: null, group: null, ...declared };
  const all = new Map(Object.entries({ ...FACTS, ...facts }));
  return new SafeDirectories(all, new Set(acls), new Set(["0", "1000"]), [wanted]).has("/etc/mail");
}

describe("where it is safe to work by path", () => {
  it.each([
    ["all of it is root's", safe()],
    ["it belongs to whoever runs the session", safe({ "/etc/mail": directory({ uid: "1000" }) })],
    [
      "it is not there yet, and will be root's",
      new SafeDirectories(new Map(), new Set(), new Set(["0"]), []).has("/a/b"),
    ],
    ["it is declared as it is", safe({}, { declared: { owner: "root", mode: "0750" } })],
  ])("GIVEN %s THEN it is", (_, is) => {
    expect(is).toBe(true);
  });

  it.each([
    ["it is another user's", safe({ "/etc/mail": directory({ uid: "8" }) })],
    ["one above is another user's", safe({ "/etc": directory({ uid: "8" }) })],
    ["the one at the top is another user's", safe({ "/": directory({ uid: "8" }) })],
    ["its group can write to it", safe({ "/etc/mail": directory({ mode: "0775", gid: "8" }) })],
    [
      "everybody can write to it, in spite of the sticky bit",
      safe({ "/etc/mail": directory({ mode: "1777" }) }),
    ],
    ["it has an ACL", safe({}, { acls: ["/etc/mail"] })],
    ["one above has an ACL", safe({}, { acls: ["/etc"] })],
    ["it is a link", safe({ "/etc/mail": fact({ kind: "link", target: "/x" }) })],
    ["it could not be looked at", safe({ "/etc": fact({ kind: "unavailable", uid: "" }) })],
    ["it will be another user's", safe({}, { declared: { owner: "vmail" } })],
    ["it will be open to a group", safe({}, { declared: { mode: "2770" } })],
  ])("GIVEN %s THEN it is not", (_, is) => {
    expect(is).toBe(false);
  });
});
