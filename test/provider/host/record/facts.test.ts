import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Facts,
  LARGEST_FILE_BYTES,
  lookAt,
  parseFacts,
} from "../../../../lib/provider/host/record/facts";
import { pathProblem } from "../../../../lib/shared/transport/paths";
import { root as asRoot, describeIf } from "../../../support/requirements";
import { SHELLS, ShellTransport, withSession } from "../support/shells";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mail-sni-facts-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function look(paths: Iterable<string>, transport = new ShellTransport()): Promise<Facts> {
  return withSession((session) => lookAt(session, { root }, paths), transport);
}

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("facts, by %s", (_, shell) => {
  it("GIVEN one of each kind THEN each is described, and nothing is said of what is not there", async () => {
    writeFileSync(join(root, "file"), "contents\n");
    chmodSync(join(root, "file"), 0o4750);
    mkdirSync(join(root, "directory"), { mode: 0o700 });
    symlinkSync("../else/where", join(root, "link"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    const facts = await look(
      ["/file", "/directory", "/link", "/pipe", "/missing", "/file/below"],
      new ShellTransport(shell),
    );
    const owner = { uid: String(process.getuid?.()), gid: String(process.getgid?.()) };
    expect([...facts.keys()].sort()).toEqual(["/directory", "/file", "/link", "/pipe"]);
    expect(facts.get("/file")).toMatchObject({
      kind: "file",
      mode: "4750",
      sha256: sha256("contents\n"),
      ...owner,
    });
    expect(facts.get("/directory")).toMatchObject({ kind: "directory", mode: "0700", ...owner });
    expect(facts.get("/link")).toMatchObject({ kind: "link", target: "../else/where" });
    expect(facts.get("/pipe")).toMatchObject({ kind: "other" });
  });

  it("GIVEN a file that is larger than any that can be declared THEN it is no file of ours, and is not read", async () => {
    writeFileSync(join(root, "largest"), "x".repeat(LARGEST_FILE_BYTES));
    writeFileSync(join(root, "next"), "contents\n");
    for (const [name, size] of [
      ["larger", LARGEST_FILE_BYTES + 1],
      // Longer than sha256sum reads before its time is over, and without a block on the disk.
      ["huge", 2 ** 43],
    ] as const) {
      writeFileSync(join(root, name), "");
      truncateSync(join(root, name), size);
    }
    const facts = await look(["/huge", "/larger", "/largest", "/next"], new ShellTransport(shell));
    expect(facts.get("/largest")?.sha256).toBe(sha256("x".repeat(LARGEST_FILE_BYTES)));
    expect(facts.get("/next")?.sha256).toBe(sha256("contents\n"));
    for (const path of ["/larger", "/huge"]) {
      expect(facts.get(path)?.kind).toBe("file");
      expect(facts.get(path)?.sha256).toBeUndefined();
    }
  });
});

describe("lookAt", () => {
  it("GIVEN facts about what was not asked THEN they are not taken in", async () => {
    const stat = (name: string) => `81a4\\t0\\t0\\troot\\troot\\t"${name}"\\n`;
    const lying = `facts() { for n in $(seq 50000); do printf '${stat("%s/x$n")}' "$2"; done; printf '${stat("%s")}' "$2"; }\n`;
    const facts = await look(["/file"], new ShellTransport(["sh"], lying));
    expect([...facts.keys()]).toEqual(["/file"]);
  });

  it("GIVEN names and targets full of what has a meaning elsewhere THEN they are told as they are", async () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .filter((text) => !text.includes("/") && pathProblem(`/${text}`) === undefined && text !== ".");
    const target = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((text) => !/[\0]/.test(text)),
      fc.constantFrom("a\nb", "x\n\x1e0\n", '" -> "', '81a4\t0\t0\troot\troot\t"/forged"', "\\n", "'"),
    );
    await withSession(async (session) => {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, target, { minKeys: 1, maxKeys: 8 }), async (links) => {
          rmSync(root, { recursive: true, force: true });
          mkdirSync(root);
          for (const [path, to] of Object.entries(links)) symlinkSync(to, join(root, path));
          const facts = await lookAt(
            session,
            { root },
            Object.keys(links).map((path) => `/${path}`),
          );
          expect(Object.fromEntries([...facts].map(([path, { target: to }]) => [path.slice(1), to]))).toEqual(
            {
              ...links,
            },
          );
        }),
        { numRuns: 60 },
      );
    });
  });

  it.each(["/it's", '/"quoted"', "/back\\slash", "/$(id)", "/-rf", "/ä ö", "/a -> b"])(
    "GIVEN the file %s THEN its contents are known",
    async (path) => {
      writeFileSync(join(root, path), path);
      expect((await look([path, `${path}.not`])).get(path)?.sha256).toBe(sha256(path));
    },
  );

  it("GIVEN more paths than an argument list holds THEN all are checked", async () => {
    const paths = Array.from({ length: 900 }, (_, index) => `/${"long".repeat(50)}${index}`);
    for (const path of paths) writeFileSync(join(root, path), path);
    const facts = await look(paths);
    expect(paths.every((path) => facts.get(path)?.sha256 === sha256(path))).toBe(true);
  });

  it("GIVEN a link that leads in a circle above a path THEN that path alone is unavailable", async () => {
    symlinkSync("circle", join(root, "circle"));
    writeFileSync(join(root, "good"), "");
    const facts = await look(["/circle/file", "/good"]);
    expect(facts.get("/circle/file")).toMatchObject({
      kind: "unavailable",
      problem: "Too many levels of symbolic links",
    });
    expect(facts.get("/good")?.kind).toBe("file");
  });

  it("GIVEN no paths THEN there are no facts", async () => {
    expect((await look([])).size).toBe(0);
  });
});

describeIf(asRoot, "lookAt as a user who may not read everything", () => {
  it("GIVEN unreadable files with odd names among readable ones THEN only they are unavailable", async () => {
    chmodSync(root, 0o755);
    mkdirSync(join(root, "closed"), { mode: 0o700 });
    for (const name of ["secret", "it's ä secret", "open"])
      writeFileSync(join(root, name), name, { mode: 0o600 });
    chmodSync(join(root, "open"), 0o644);
    const nobody = new ShellTransport(["setpriv", "--reuid", "65534", "--clear-groups", "sh"]);
    const facts = await look(["/secret", "/it's ä secret", "/open", "/closed/file", "/missing"], nobody);
    expect(facts.get("/open")).toMatchObject({ kind: "file", sha256: sha256("open") });
    expect(facts.has("/missing")).toBe(false);
    for (const path of ["/secret", "/it's ä secret", "/closed/file"]) {
      expect(facts.get(path)).toMatchObject({ kind: "unavailable", problem: "Permission denied" });
    }
  });
});

describe("parseFacts", () => {
  it("GIVEN names of users and groups with spaces, as directories of companies have, THEN they are read", () => {
    const output = '81a0\t1\t2\tEXAMPLE\\mail admin\tdomain users\t"/a"\n';
    expect(parseFacts({ status: 0, output }).found.get("/a")).toMatchObject({
      owner: "EXAMPLE\\mail admin",
      group: "domain users",
      mode: "0640",
    });
  });

  it("GIVEN anything at all THEN it reads facts or complaints, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (output) => {
        parseFacts({ status: 0, output });
      }),
    );
  });
});
