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

  it("GIVEN nothing is in the way THEN there are none, links above included", () => {
    const facts = { "/d": fact({ kind: "link", target: "e" }), "/d/key": file("x") };
    expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts))).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, Fact>>, RegExp]>([
    ["a directory", { "/d/key": directory() }, /a directory has this name/],
    ["a device", { "/d/key": fact({ kind: "other" }) }, /a device, a socket or a pipe/],
    ["a file above", { "/d": file("") }, /\/d is a file, but a directory is required/],
    [
      "what cannot be checked",
      { "/d/key": fact({ kind: "unavailable", problem: "Permission denied" }) },
      /cannot be checked: Permission denied/,
    ],
    [
      "what cannot be looked into",
      { "/d": fact({ kind: "unavailable", problem: "Permission denied" }) },
      /\/d cannot be checked/,
    ],
  ])("GIVEN %s THEN it is named", (_, facts, message) => {
    expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts)).join()).toMatch(message);
  });

  describe("GIVEN a link above that is not root's", () => {
    const facts = { "/d": fact({ kind: "link", target: "/e", uid: "1000", owner: "mallory" }) };

    it.each([
      ["another user's", { uid: "1000", owner: "mallory" }, /in a directory of mallory/],
      ["open to everybody", { mode: "0757" }, /in a directory that every user can write to/],
      ["open to a group", { mode: "0775", gid: "50", group: "staff" }, /in a directory of the group staff/],
    ])(
      "GIVEN it is root's, in a directory that is %s, THEN it is not followed either",
      (_, parts, message) => {
        const planted = {
          "/d": fact({ kind: "directory", mode: "0755", ...parts }),
          "/d/e": fact({ kind: "link", target: "/f" }),
        };
        expect(problems(change({ files: [pem("/d/e/key", "x")] }), found(planted)).join()).toMatch(message);
      },
    );

    it.each([
      ["of root's", {}],
      ["with the sticky bit", { mode: "1777" }],
      ["of root's group", { mode: "0775" }],
    ])("GIVEN it is root's, in a directory %s, THEN it is part of how the host is laid out", (_, parts) => {
      const made = {
        "/d": fact({ kind: "directory", mode: "0755", ...parts }),
        "/d/e": fact({ kind: "link", target: "/f" }),
      };
      expect(problems(change({ files: [pem("/d/e/key", "x")] }), found(made))).toEqual([]);
    });

    it("THEN it is not followed, and the message says whose it is", () => {
      expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts)).join()).toMatch(
        /\/d is a link to \/e that belongs to mallory.*Declare the directory.*chown -h root \/d/,
      );
    });

    it("WHEN something of ours behind it is to go THEN it is not followed either", () => {
      const removal = { path: "/d/key", configuration: false, service: null, keep: false };
      const behind = { ...facts, "/d/key": file("x") };
      const leaving = change({ token: "t", removals: [removal] });
      const claim = ["claim", "stack", "t", "/d/key"] as const;
      expect(problems(leaving, found(behind, [claim])).join()).toMatch(
        /^\/d\/key cannot be removed: \/d is a link to \/e that belongs to mallory/,
      );
      // Nothing is there, or it is not ours, or it stays: nothing is removed.
      expect(problems(leaving, found(facts, [claim]))).toEqual([]);
      expect(problems(leaving, found(behind))).toEqual([]);
      const kept = change({ token: "t", removals: [{ ...removal, keep: true }] });
      expect(problems(kept, found(behind, [claim]))).toEqual([]);
    });

    it("WHEN a placeholder would be made behind it THEN it is not followed; where one is there already THEN nothing is made", () => {
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

    it("WHEN a directory takes its place THEN there is no obstacle, since nothing follows it", () => {
      const wanted = change({
        files: [pem("/c/key", "x")],
        links: [{ path: "/d/key", target: "../c/key", service: null }],
      });
      expect(problems(wanted, found(facts))).toEqual([]);
    });

    it("WHEN owners do not count THEN it is followed", () => {
      expect(problems(change({ files: [pem("/d/key", "x")] }), found(facts, [], false))).toEqual([]);
    });
  });

  it("GIVEN a path of another stack, a directory too, THEN that stack is named; of the same stack THEN it is no obstacle", () => {
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

    it("WHEN it is in another state, which was saved, THEN that is said once: who, when, from where, and what to do", () => {
      const [problem, ...others] = problems(wanted, owned("mail", kept(THEIRS), member(THEIRS)));
      expect(others).toEqual([]);
      expect(problem).toMatch(
        /^\/a belongs to another state of the stack: this and 1 more paths belong to stack "mail"/,
      );
      expect(problem).toContain(`the Terraform state ${THEIRS}, last at 2026-01-31T12:00:00Z by root@laptop`);
      expect(problem).toContain("Nothing was changed");
      expect(problem).toContain("configure\n    a shared back end");
      expect(problem).toContain("Give this stack another name");
      expect(problem).toContain(`MAIL_SNI_TAKE_OVER=${THEIRS} npx cdktf deploy mail`);
    });

    it("WHEN this resource does not say which state it is in THEN it may be another one", () => {
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
      ["it does not say which state it is in", owned("mail", kept(THEIRS))],
      [
        "it is the resource itself",
        found({}, [kept(THEIRS), ["member", THEIRS, "token"], ["claim", "mail", "token", "/a"]]),
      ],
      ["its stack was renamed, and the state is this one", owned("post", kept(OURS, "post"), member(OURS))],
      [
        "it is another stack's, whose state is lost",
        owned("post", kept(THEIRS, "post"), ["lost", THEIRS], member(THEIRS)),
      ],
    ])("WHEN %s THEN it is no obstacle", (_, host) => {
      expect(problems(wanted, host)).toEqual([]);
    });

    it("WHEN it is another stack's THEN it is named, and how to take it over where its state is lost", () => {
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

    it("WHEN it is only deleted here THEN nothing is in the way, and nothing of another's is removed", () => {
      const removal = { path: "/a", configuration: false, service: null, keep: false };
      const leaving = change({ kind: "delete", stack: "mail", state: OURS, removals: [removal] });
      expect(problems(leaving, owned("mail", kept(THEIRS), member(THEIRS)))).toEqual([]);
    });
  });
});
