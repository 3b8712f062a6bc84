import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReportFile, saveAll } from "../../../lib/cli/output/report-file";
import { mustRun } from "../../support/commands";

let directory: string;
const within = (name: string) => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-report-file-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function save(path: string, text: string): void {
  const file = ReportFile.at(path);
  file.add(text);
  file.save();
}

describe("a report file", () => {
  it("GIVEN an earlier report THEN it is there until the new one is whole, and nothing is left beside", () => {
    save(within("report"), "earlier");
    const file = ReportFile.at(within("report"));
    file.add("one ");
    file.add("two");
    expect(readFileSync(within("report"), "utf8")).toBe("earlier");
    file.save();
    expect(readFileSync(within("report"), "utf8")).toBe("one two");
    expect(readdirSync(directory)).toEqual(["report"]);
  });

  it.each([0o600, 0o664])("GIVEN an earlier report with mode %o THEN the new one has it", (mode) => {
    save(within("report"), "earlier");
    chmodSync(within("report"), mode);
    save(within("report"), "new");
    expect(statSync(within("report")).mode & 0o777).toBe(mode);
  });

  it("GIVEN a symbolic link to a report THEN that is replaced, and the link stays", () => {
    mkdirSync(within("www"));
    writeFileSync(within("www/report"), "earlier");
    symlinkSync("www/report", within("report"));
    save(within("report"), "new");
    expect(lstatSync(within("report")).isSymbolicLink()).toBe(true);
    expect(readFileSync(within("www/report"), "utf8")).toBe("new");
    expect(lstatSync(within("www/report")).isFile()).toBe(true);
  });

  it("GIVEN links that another user has put where a name could be guessed THEN none is followed", () => {
    writeFileSync(within("victim"), "victim");
    symlinkSync("victim", within(`report.${process.pid}.tmp`));
    symlinkSync("victim", within("report.tmp"));
    save(within("report"), "new");
    expect(readFileSync(within("victim"), "utf8")).toBe("victim");
    expect(readFileSync(within("report"), "utf8")).toBe("new");
  });

  it("GIVEN a pipe THEN it is written to, and stays a pipe", async () => {
    await mustRun(["mkfifo", within("pipe")]);
    const reader = openSync(within("pipe"), constants.O_RDWR | constants.O_NONBLOCK);
    try {
      save(within("pipe"), "new");
      const read = Buffer.alloc(100);
      expect(read.toString("utf8", 0, readSync(reader, read))).toBe("new");
      expect(lstatSync(within("pipe")).isFIFO()).toBe(true);
    } finally {
      closeSync(reader);
    }
  });

  it("GIVEN the pipe behind /dev/fd, as a shell gives one for >(…) THEN it is written to", async () => {
    await mustRun(["mkfifo", within("pipe")]);
    const reader = openSync(within("pipe"), constants.O_RDWR | constants.O_NONBLOCK);
    try {
      // What has no path any more is all that is left of a pipe without a name.
      rmSync(within("pipe"));
      save(`/dev/fd/${reader}`, "new");
      const read = Buffer.alloc(100);
      expect(read.toString("utf8", 0, readSync(reader, read))).toBe("new");
    } finally {
      closeSync(reader);
    }
  });

  it.each([
    ["a directory that is not there", "none/report", "no such file or directory"],
    ["a directory in place of the file", "www", "is a directory"],
    ["a link to a file that is not there", "link", "is a symbolic link that leads nowhere"],
  ])("GIVEN %s THEN it is refused before there is a report", (_, name, says) => {
    mkdirSync(within("www"));
    symlinkSync("www/report", within("link"));
    expect(() => ReportFile.at(within(name))).toThrow(says);
    expect(() => ReportFile.at(within(name))).toThrow("[CLI_FILE_UNWRITABLE]");
  });

  it("GIVEN an empty path, as of a variable that is not set, THEN it is refused before there is a report", () => {
    expect(() => ReportFile.at("")).toThrow("the path is empty. ");
  });

  it("GIVEN that it fails at the end THEN it is said, and nothing is left beside", () => {
    const file = ReportFile.at(within("report"));
    mkdirSync(within("report"));
    expect(() => file.save()).toThrow("[CLI_FILE_UNWRITABLE]");
    expect(readdirSync(directory)).toEqual(["report"]);
  });

  it("GIVEN several, of which one fails THEN that is said, and the others are written", () => {
    const files = ["first", "report", "last"].map((name) => ReportFile.at(within(name)));
    for (const file of files) file.add("text");
    mkdirSync(within("report"));
    expect(() => saveAll(files)).toThrow("[CLI_FILE_UNWRITABLE]");
    expect(readFileSync(within("first"), "utf8")).toBe("text");
    expect(readFileSync(within("last"), "utf8")).toBe("text");
  });
});
