import { describe, expect, it } from "vitest";
import type { Found } from "../../../../lib/provider/host/apply/decision";
import { obstacles } from "../../../../lib/provider/host/apply/obstacles";
import type { Change } from "../../../../lib/provider/host/desired/change";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { change, pem, text } from "../support/changes";
import { directory, fact, file, found } from "../support/found";

describe("obstacles", () => {
  const problems = (wanted: Change, host: Found) =>
    obstacles(wanted, host).map(({ summary, detail }) => `${summary}: ${detail}`);

  it("GIVEN a path in a directory that is a link of root THEN there is no obstacle", () => {
    const facts = { "/d": fact({ kind: "link", target: "e" }), "/d/key": file("x") };
    expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts))).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, Fact>>, RegExp]>([
    ["a directory", { "/d/key": directory() }, /a directory has this name/],
    ["a device", { "/d/key": fact({ kind: "other" }) }, /a device, a socket or a pipe/],
    ["a file in place of a directory", { "/d": file("") }, /\/d is a file, but a directory is required/],
    [
      "a path that cannot be checked",
      { "/d/key": fact({ kind: "unavailable", problem: "Permission denied" }) },
      /cannot be checked: Permission denied/,
    ],
    [
      "a directory that cannot be checked",
      { "/d": fact({ kind: "unavailable", problem: "Permission denied" }) },
      /\/d cannot be checked/,
    ],
  ])("GIVEN %s THEN the message names it", (_, facts, message) => {
    expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts)).join()).toMatch(message);
  });

  describe("GIVEN a directory that is a link of another user", () => {
    const facts = { "/d": fact({ kind: "link", target: "/e", uid: "1000", owner: "mallory" }) };

    it.each([
      ["owned by another user", { uid: "1000", owner: "mallory" }, /in a directory of mallory/],
      ["writable by all users", { mode: "0757" }, /in a directory that every user can write to/],
      [
        "writable by a group",
        { mode: "0775", gid: "50", group: "staff" },
        /in a directory of the group staff/,
      ],
    ])(
      "GIVEN a link of root in a directory that is %s THEN it is not followed either",
      (_, parts, message) => {
        const planted = {
          "/d": fact({ kind: "directory", mode: "0755", ...parts }),
          "/d/e": fact({ kind: "link", target: "/f" }),
        };
        expect(problems(change({ files: [pem("/d/e/key", "x")] }), found(planted)).join()).toMatch(message);
      },
    );

    it.each([
      ["of root", {}],
      ["with the sticky bit", { mode: "1777" }],
      ["writable by root's group", { mode: "0775" }],
    ])("GIVEN a link of root in a directory %s THEN it is followed", (_, parts) => {
      const made = {
        "/d": fact({ kind: "directory", mode: "0755", ...parts }),
        "/d/e": fact({ kind: "link", target: "/f" }),
      };
      expect(problems(change({ files: [pem("/d/e/key", "x")] }), found(made))).toEqual([]);
    });

    it("THEN it is not followed, and the message names its owner", () => {
      expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts)).join()).toMatch(
        /\/d is a link to \/e that belongs to mallory.*Declare the directory.*chown -h root \/d/,
      );
    });

    it("WHEN a managed file behind it is to be removed THEN it is not followed either", () => {
      const removal = { path: "/d/key", configuration: false, service: null, keep: false };
      const behind = { ...facts, "/d/key": file("x") };
      const leaving = change({ token: "t", removals: [removal] });
      const claim = ["claim", "stack", "t", "/d/key"] as const;
      expect(problems(leaving, found(behind, [claim])).join()).toMatch(
        /^\/d\/key cannot be removed: \/d is a link to \/e that belongs to mallory/,
      );
      // No obstacle if the file is missing, is not claimed, or is kept.
      expect(problems(leaving, found(facts, [claim]))).toEqual([]);
      expect(problems(leaving, found(behind))).toEqual([]);
      const kept = change({ token: "t", removals: [{ ...removal, keep: true }] });
      expect(problems(kept, found(behind, [claim]))).toEqual([]);
    });

    it("WHEN a placeholder behind it is missing THEN it is not followed; WHEN the placeholder exists THEN there is no obstacle", () => {
      const placeholder = {
        path: "/d/default.pem",
        names: ["mail-sni.invalid"],
        mode: "0600",
        owner: null,
        group: null,
        service: null,
        configuration: null,
      };
      const base = change({ role: "base", placeholders: [placeholder] });
      expect(problems(base, found(facts)).join()).toMatch(
        /^\/d\/default\.pem cannot be written: \/d is a link/,
      );
      expect(problems(base, found({ ...facts, "/d/default.pem": file("x") }))).toEqual([]);
    });

    it("WHEN a real directory replaces it THEN there is no obstacle", () => {
      const wanted = change({
        files: [pem("/c/key", "x")],
        links: [{ path: "/d/key", target: "../c/key", service: null }],
      });
      expect(problems(wanted, found(facts))).toEqual([]);
    });

    it("WHEN `applyOwnership` is false THEN it is followed", () => {
      expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts, [], false))).toEqual([]);
    });
  });

  describe("GIVEN a file for a group in a directory that another program has made", () => {
    const ofQmail = (parts = {}) => pem("/c/d/key", "x", { mode: "0640", group: "vchkpw", ...parts });
    const closed = (parts = {}) => ({
      "/c": directory(),
      "/c/d": fact({ kind: "directory", mode: "0700", ...parts }),
    });

    it("WHEN root has closed the directory THEN it is refused once, and the message has the command that opens it", () => {
      const files = [ofQmail(), ofQmail({ path: "/c/d/other" })];
      expect(problems(change({ files }), found(closed()))).toEqual([
        expect.stringMatching(
          /^\/c\/d\/key cannot be read by its server: the group vchkpw cannot enter .* mode 0700\. .*: chmod 755 \/c\/d$/,
        ),
      ]);
    });

    it.each([
      ["others can enter it", closed({ mode: "0711" }), ofQmail()],
      ["its group can enter it", closed({ mode: "0750" }), ofQmail()],
      ["it is another user's, as whom the server may run", closed({ uid: "89" }), ofQmail()],
      ["the file is for its owner alone", closed(), ofQmail({ mode: "0600" })],
      ["the file has no group of its own", closed(), ofQmail({ group: null })],
      ["the file's group is root's", closed(), ofQmail({ group: "root" })],
      ["it does not exist yet", {}, ofQmail()],
    ])("WHEN %s THEN there is no obstacle", (_, facts, wanted) => {
      expect(problems(change({ files: [wanted] }), found(facts))).toEqual([]);
    });

    it("WHEN the provider opens the directory THEN there is no obstacle", () => {
      const wanted = change({ files: [ofQmail()] });
      expect(problems(wanted, found(closed(), [["directory", "/c/d"]]))).toEqual([]);
      expect(problems(wanted, found(closed(), [["claim", "stack", "base", "/c/d"]]))).toEqual([]);
      expect(problems(wanted, found(closed(), [], false))).toEqual([]);
    });
  });

  it("GIVEN a path of another stack THEN the message names that stack; GIVEN a path of the same stack THEN there is no obstacle", () => {
    const wanted = change({
      stack: "ours",
      files: [text("/a", "")],
      directories: [{ path: "/b", mode: "0755", owner: null, group: null }],
    });
    const host = found({}, [
      ["claim", "theirs", "t", "/b"],
      ["claim", "ours", "t2", "/a"],
    ]);
    expect(problems(wanted, host)).toEqual([
      expect.stringMatching(/^\/b belongs to another stack: the stack "theirs"/),
    ]);
  });

  describe("GIVEN paths that a resource of the same stack owns", () => {
    const [OURS, THEIRS] = ["1".repeat(16), "2".repeat(16)] as const;
    const wanted = change({ stack: "mail", state: OURS, files: [text("/a", ""), text("/b", "")] });
    const member = (id: string) => ["member", id, "t"] as const;
    const kept = (id: string, stack = "mail") =>
      ["kept", id, stack, "2026-01-31T12:00:00Z", "root@laptop"] as const;
    const owned = (stack: string, ...entries: Parameters<typeof found>[1] & object) =>
      found({}, [...entries, ["claim", stack, "t", "/a"], ["claim", stack, "t", "/b"]]);

    it("WHEN its state is another one that was saved THEN one message has that state, its last change and the remedies", () => {
      const [problem, ...others] = problems(wanted, owned("mail", kept(THEIRS), member(THEIRS)));
      expect(others).toEqual([]);
      expect(problem).toMatch(
        /^\/a belongs to another state of the stack: this and 1 more paths belong to stack "mail"/,
      );
      expect(problem).toContain(`the Terraform state ${THEIRS}, last at 2026-01-31T12:00:00Z by root@laptop`);
      expect(problem).toContain("Nothing was changed");
      expect(problem).toContain("configure\n    a shared backend");
      expect(problem).toContain("Give this stack another name");
      expect(problem).toContain(`MAIL_SNI_TAKE_OVER=${THEIRS} npx cdktf deploy mail`);
    });

    it("WHEN the state of this resource is unknown THEN the path is refused", () => {
      const host = owned("mail", kept(THEIRS), member(THEIRS));
      expect(problems({ ...wanted, state: null }, host)).toHaveLength(1);
    });

    it.each([
      ["it is in this state", owned("mail", kept(OURS), member(OURS))],
      [
        "its state was never saved",
        owned("mail", ["begun", THEIRS, "mail", "2026-01-31T12:00:00Z", "x"], member(THEIRS)),
      ],
      ["its state is lost", owned("mail", kept(THEIRS), ["lost", THEIRS], member(THEIRS))],
      ["nothing is known of its state", owned("mail", member(THEIRS))],
      ["its state is not recorded", owned("mail", kept(THEIRS))],
      [
        "it is the resource itself",
        found({}, [kept(THEIRS), ["member", THEIRS, "token"], ["claim", "mail", "token", "/a"]]),
      ],
      ["its stack was renamed, and the state is this one", owned("post", kept(OURS, "post"), member(OURS))],
      [
        "its stack is another one, whose state is lost",
        owned("post", kept(THEIRS, "post"), ["lost", THEIRS], member(THEIRS)),
      ],
    ])("WHEN %s THEN it is no obstacle", (_, host) => {
      expect(problems(wanted, host)).toEqual([]);
    });

    it("WHEN its stack is another one THEN the message has the stack, and how to take over if its state is lost", () => {
      const [first, second, ...others] = problems(
        wanted,
        owned("post", kept(THEIRS, "post"), member(THEIRS)),
      );
      expect([first, second].map((each) => each?.slice(0, 29))).toEqual([
        "/a belongs to another stack: ",
        "/b belongs to another stack: ",
      ]);
      expect(first).toContain(`set MAIL_SNI_TAKE_OVER=${THEIRS} for one apply`);
      expect(others).toEqual([]);
    });

    it("WHEN this change only deletes THEN there is no obstacle", () => {
      const removal = { path: "/a", configuration: false, service: null, keep: false };
      const leaving = change({ kind: "delete", stack: "mail", state: OURS, removals: [removal] });
      expect(problems(leaving, owned("mail", kept(THEIRS), member(THEIRS)))).toEqual([]);
    });
  });
});
