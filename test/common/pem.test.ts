import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePem } from "../../lib/common/pem";

const block = (label: string, body = "AAAA") => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const codes = (text: string) => parsePem(text).problems.map(({ code }) => code);
const labels = (text: string) => parsePem(text).blocks.map(({ label }) => label);

describe("parsePem", () => {
  const key = block("PRIVATE KEY");
  const leaf = block("CERTIFICATE", "BBBB");
  const chain = block("CERTIFICATE", "CCCC");

  it("GIVEN several blocks THEN they come in order, each with a final newline", () => {
    expect(parsePem(key + leaf + chain)).toMatchObject({
      blocks: [
        { label: "PRIVATE KEY", text: key },
        { label: "CERTIFICATE", text: leaf },
        { label: "CERTIFICATE", text: chain },
      ],
      problems: [],
    });
  });

  it.each([
    ["CRLF", (key + leaf).replaceAll("\n", "\r\n")],
    ["a byte order mark", `\ufeff${key}${leaf}`],
    ["text between the blocks", `Bag Attributes\n  friendlyName: a\n${key}subject=CN = a.tld\n\n${leaf}`],
    ["trailing spaces", (key + leaf).replaceAll("-----\n", "-----  \n")],
    ["empty lines", `\n\n${key}\n\n${leaf}\n\n`],
  ])("GIVEN %s THEN the blocks are found as OpenSSL does", (_, text) => {
    expect(codes(text)).toEqual([]);
    expect(parsePem(text).blocks.map((b) => b.text)).toEqual([key, leaf]);
  });

  it.each([
    ["nothing", "", "PEM_EMPTY"],
    ["white space", " \n\t\n", "PEM_EMPTY"],
    ["a path", "/etc/ssl/private/mail.pem", "PEM_NO_BLOCK"],
    ["DER", "0\x82\x01\0", "PEM_NO_BLOCK"],
    ["no final newline", key.trimEnd(), "PEM_NO_FINAL_NEWLINE"],
    ["two blocks on one line", key.trimEnd() + leaf, "PEM_NOT_SEPARATED"],
    ["indentation", (key + leaf).replaceAll(/^/gm, "  "), "PEM_NOT_IN_FIRST_COLUMN"],
    ["a byte order mark in the middle", `${key}\ufeff${leaf}`, "PEM_NOT_IN_FIRST_COLUMN"],
    ["a cut off end", leaf + key.slice(0, -10), "PEM_BLOCK_BROKEN"],
    ["a cut off block in front of another", key.slice(0, 30) + leaf, "PEM_BLOCK_BROKEN"],
    ["a cut off beginning", `AAAA\n-----END PRIVATE KEY-----\n${leaf}`, "PEM_BLOCK_BROKEN"],
    ["text behind an end", leaf + key.replace(/\n$/, " x\n"), "PEM_BLOCK_BROKEN"],
    ["another label at the end", leaf + key.replace("END PRIVATE", "END EC PRIVATE"), "PEM_BLOCK_BROKEN"],
  ])("GIVEN %s THEN it is a problem", (_, text, code) => {
    expect(codes(text)).toContain(code);
  });

  it("GIVEN two blocks on one line THEN both are found, so that other problems are told in the same go", () => {
    expect(labels(key.trimEnd() + leaf)).toEqual(["PRIVATE KEY", "CERTIFICATE"]);
  });

  it("GIVEN any text THEN it neither throws nor quotes what may be a key", () => {
    const line = fc.constantFrom(
      "-----BEGIN PRIVATE KEY-----",
      "-----END PRIVATE KEY-----",
      "-----BEGIN CERTIFICATE-----",
      "-----END CERTIFICATE-----",
      "S3CR3T",
      " -----BEGIN S3CR3T-----",
      "",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(line).map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(text, (given) => {
        const { blocks, problems } = parsePem(given);
        expect(blocks.length + problems.length).toBeGreaterThan(0);
        expect(problems.map(({ problem }) => problem).join()).not.toContain("S3CR3T\n");
      }),
    );
  });
});
