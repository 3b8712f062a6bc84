import { describe, expect, it } from "vitest";
import {
  closedDirectories,
  decide,
  type Found,
  isOwnedAsWanted,
  pathsToLookAt,
} from "../../../../lib/provider/host/apply/decision";
import type { Change } from "../../../../lib/provider/host/desired/change";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { change, link, pem, removal } from "../support/changes";
import { directory, fact, file, found } from "../support/found";

const steps = (wanted: Change, host: Found) =>
  decide(wanted, host).steps.map(({ step }) => `${step.do} ${step.path}`);

describe("pathsToLookAt", () => {
  it("THEN it returns declared paths, removals and placeholders, and the directories above them", () => {
    const paths = pathsToLookAt(
      change({
        files: [pem("/a/file", "x")],
        links: [link("/b/link", "../a/file")],
        removals: [removal("/c/gone")],
        placeholders: [
          {
            path: "/d/pem",
            names: [],
            mode: "0600",
            owner: null,
            group: null,
            service: null,
            configuration: { path: "/e/conf", text: "" },
          },
        ],
      }),
    );
    expect(new Set(paths)).toEqual(
      new Set(["/a/file", "/a", "/b/link", "/b", "/c/gone", "/c", "/d/pem", "/d", "/e/conf", "/e"]),
    );
  });
});

describe("steps", () => {
  const wanted = change({
    files: [pem("/d/key", "key", { mode: "0640", owner: "root", group: "vchkpw" })],
    links: [link("/d/link", "key")],
  });
  const asWanted = {
    "/d": directory(),
    "/d/key": file("key", { mode: "0640", group: "vchkpw", gid: "89" }),
    "/d/link": fact({ kind: "link", target: "key" }),
  };

  it("GIVEN the host matches the change THEN there are no steps", () => {
    expect(decide(wanted, found(asWanted))).toEqual({
      steps: [],
      missingDirectories: [],
      wrongDirectories: [],
      linkedDirectories: [],
      warnings: [],
    });
  });

  it.each<[string, Readonly<Record<string, Fact>>, string]>([
    ["contents", { "/d/key": file("other", { mode: "0640", group: "vchkpw" }) }, "put /d/key"],
    ["a mode", { "/d/key": file("key", { mode: "0644", group: "vchkpw" }) }, "put /d/key"],
    [
      "an owner",
      { "/d/key": file("key", { mode: "0640", group: "vchkpw", owner: "x", uid: "1" }) },
      "put /d/key",
    ],
    ["a group", { "/d/key": file("key", { mode: "0640" }) }, "put /d/key"],
    ["a kind", { "/d/key": fact({ kind: "link", target: "x" }) }, "put /d/key"],
    ["a target", { "/d/link": fact({ kind: "link", target: "other" }) }, "link /d/link"],
    ["a link's kind", { "/d/link": file("key") }, "link /d/link"],
  ])("GIVEN %s differs THEN that alone is done", (_, drift, expected) => {
    expect(steps(wanted, found({ ...asWanted, ...drift }))).toEqual([expected]);
  });

  it("GIVEN `applyOwnership` is false THEN owners are not compared", () => {
    const drifted = { ...asWanted, "/d/key": file("key", { mode: "0640", owner: "x", group: "y" }) };
    expect(steps(wanted, found(drifted, [], false))).toEqual([]);
  });

  it("WHEN a link is created THEN its step replaces a path only if one exists", () => {
    const replaces = (host: Found) =>
      decide(change({ links: [link("/d/link", "key")] }), host).steps[0]?.step;
    expect(replaces(found({ "/d": directory() }))).toMatchObject({ replaces: false });
    expect(replaces(found({ "/d": directory(), "/d/link": file("") }))).toMatchObject({ replaces: true });
  });

  it("GIVEN removals THEN only files and links that the resource still owns are removed", () => {
    const facts = { "/own": file(""), "/lost": file(""), "/keep": file(""), "/dir": directory() };
    const claims = ["/own", "/keep", "/dir", "/missing"].map(
      (path) => ["claim", "s", "token", path] as const,
    );
    const removals = [
      removal("/own"),
      removal("/lost"),
      removal("/keep", { keep: true }),
      removal("/dir"),
      removal("/missing"),
    ];
    expect(steps(change({ removals }), found(facts, [...claims, ["claim", "s", "other", "/lost"]]))).toEqual([
      "remove /own",
    ]);
  });
});

describe("directories", () => {
  it("GIVEN missing directories, of placeholders too, THEN they are listed parents first", () => {
    const wanted = change({
      directories: [{ path: "/a/b", mode: "0700", owner: null, group: null }],
      files: [pem("/a/c/file", "")],
      links: [link("/l/m/link", "x")],
    });
    const { missingDirectories, wrongDirectories } = decide(wanted, found({ "/l": directory() }), [
      pem("/p/q", ""),
    ]);
    expect(missingDirectories).toEqual(["/a", "/a/b", "/a/c", "/l/m", "/p"]);
    expect(wrongDirectories.map(({ path, mode }) => [path, mode])).toEqual([["/a/b", "0700"]]);
  });

  it("GIVEN a link or its target is in a linked directory THEN that directory is replaced by a real one", () => {
    const wanted = change({
      files: [pem("/s/d/pem", "x")],
      links: [link("/s/smtp.d/pem", "../d/pem")],
    });
    const facts = {
      "/s": fact({ kind: "link", target: "elsewhere" }),
      "/s/d": fact({ kind: "link", target: "e" }),
      "/s/smtp.d": fact({ kind: "link", target: "d" }),
      "/s/d/pem": file("x"),
      "/s/smtp.d/pem": file("x"),
    };
    const { linkedDirectories, warnings } = decide(wanted, found(facts));
    expect(linkedDirectories).toEqual(["/s/d", "/s/smtp.d"]);
    expect(warnings.map(({ path }) => path)).toEqual(["/s/d", "/s/smtp.d"]);
    expect(steps(wanted, found(facts))).toEqual(["put /s/d/pem", "link /s/smtp.d/pem"]);
  });

  it("GIVEN directories with a restricted mode THEN only an undeclared one that the provider made gets its mode back", () => {
    const files = [{ path: "/ours/a" }, { path: "/theirs/a" }, { path: "/declared/a" }];
    const facts = {
      "/ours": directory("0700"),
      "/theirs": directory("0700"),
      "/declared": directory("0700"),
    };
    const host = found(facts, [
      ["directory", "/ours"],
      ["directory", "/declared"],
      ["claim", "s", "base", "/declared"],
    ]);
    expect(closedDirectories({ files, links: [] }, host)).toEqual(["/ours"]);
  });
});

describe("isOwnedAsWanted", () => {
  const known = { kind: "file", mode: "", uid: "89", gid: "90", owner: "vpopmail", group: "vchkpw" } as const;

  it.each([
    [{ owner: null, group: null }, true],
    [{ owner: "vpopmail", group: "90" }, true],
    [{ owner: "89", group: "vchkpw" }, true],
    [{ owner: "root", group: null }, false],
    [{ owner: null, group: "89" }, false],
  ])("%o: %s", (wanted, expected) => expect(isOwnedAsWanted(wanted, known)).toBe(expected));
});
