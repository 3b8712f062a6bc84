import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPem, parsePem } from "../../lib/shared/pem";

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

  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const wrapped = (text: string) => text.replace(/.{20}/g, "$&\n");
  const escaped = (text: string) => text.replaceAll("\n", "\\n");
  it.each([
    ["a byte order mark in the middle", `${key}\ufeff${leaf}`],
    ["base64 of it", base64(key + leaf)],
    ["base64 of it, with line breaks", wrapped(base64(key + leaf))],
    ["base64 of each part on a line of its own", `${base64(key)}\n${base64(leaf)}\n`],
    ["base64 of each part, with line breaks", `${wrapped(base64(key))}\n${wrapped(base64(leaf))}\n`],
    ["base64 of one part alone", `${key}${base64(leaf)}\n`],
    ["escaped line breaks", escaped(key + leaf)],
    ["escaped line breaks and quotes", JSON.stringify(key + leaf)],
    ["escaped CRLF", escaped((key + leaf).replaceAll("\n", "\r\n")).replaceAll("\r", "\\r")],
    ["each part escaped, on a line of its own", `${escaped(key)}\n${escaped(leaf)}\n`],
    ["blanks in place of line breaks", (key + leaf).replaceAll("\n", " ").trim()],
    ["an old label", (key + leaf).replaceAll(" CERTIFICATE", " X509 CERTIFICATE")],
  ])("GIVEN %s THEN the blocks are what they were", (_, text) => {
    expect(codes(text)).toEqual([]);
    expect(parsePem(text).blocks.map((b) => b.text)).toEqual([key, leaf]);
  });

  it("GIVEN as many blocks as are accepted THEN all of them are found", () => {
    expect(labels(leaf.repeat(100))).toHaveLength(100);
  });

  it("GIVEN any values, each encoded in any way THEN the blocks are what they were", () => {
    const body = fc
      .array(fc.base64String({ minLength: 4, maxLength: 64 }), { minLength: 1, maxLength: 5 })
      .map((lines) => lines.join("\n"));
    const encoding = fc.constantFrom(
      (text: string) => text,
      base64,
      (text: string) => wrapped(base64(text)),
      escaped,
      (text: string) => JSON.stringify(text),
      (text: string) => text.replaceAll("\n", "\r\n"),
      (text: string) => `\ufeff${text}`,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(body, encoding), { minLength: 1, maxLength: 4 }), (values) => {
        const parts = values.map(([text, encode]) => encode(block("CERTIFICATE", text)));
        const text = parts.map((part) => (part.endsWith("\n") ? part : `${part}\n`)).join("");
        expect(parsePem(text).blocks.map((b) => b.text)).toEqual(
          values.map(([content]) => block("CERTIFICATE", content)),
        );
      }),
    );
  });

  it("GIVEN a hostile text of 400,000 characters THEN it is read in no time", () => {
    const long = 100_000;
    const texts = [
      `-----BEGIN A-----${" ".repeat(4 * long)}`,
      "-----BEGIN A----- ".repeat(long / 4),
      "-----BEGIN A-----\\n".repeat(long / 4),
      "A".repeat(4 * long),
      "A=\n".repeat(long),
      `"${"\\n-----BEGIN ".repeat(long / 4)}`,
    ];
    for (const text of texts) expect(parsePem(text).problems.length).toBeGreaterThan(0);
  }, 10_000);

  it.each([
    ["/etc/ssl/private/mail.pem", "the path of a file"],
    ["0\u0082\u0001\0", "a binary file (DER or PKCS #12)"],
    [Buffer.alloc(200, 0x30).toString("base64"), "base64 of a binary file (DER or PKCS #12)"],
    ["PuTTY-User-Key-File-3: ssh-ed25519\n", "a key of PuTTY"],
    ["ssh-ed25519 AAAA me@here\n", "a public key of OpenSSH"],
  ])("GIVEN %j THEN it says what that seems to be", (text, what) => {
    const { problems } = parsePem(text);
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringContaining(`It seems to be ${what}.`),
    ]);
  });

  it.each([
    ["more blocks than any chain has", leaf.repeat(101), "PEM_TOO_MANY_BLOCKS"],
    ["nothing", "", "PEM_EMPTY"],
    ["white space", " \n\t\n", "PEM_EMPTY"],
    ["a path", "/etc/ssl/private/mail.pem", "PEM_NO_BLOCK"],
    ["DER", "0\x82\x01\0", "PEM_NO_BLOCK"],
    ["no final newline", key.trimEnd(), "PEM_NO_FINAL_NEWLINE"],
    ["two blocks on one line", key.trimEnd() + leaf, "PEM_NOT_SEPARATED"],
    ["indentation", (key + leaf).replaceAll(/^/gm, "  "), "PEM_NOT_IN_FIRST_COLUMN"],
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

describe("canonicalPem", () => {
  const [key, leaf, chain] = [
    block("EC PRIVATE KEY"),
    block("CERTIFICATE", "BBBB"),
    block("CERTIFICATE", "CCCC"),
  ];
  const parameters = block("EC PARAMETERS");

  it.each([
    ["key, leaf, chain", key + leaf + chain],
    ["leaf, chain, key", leaf + chain + key],
    ["leaf, key, chain", leaf + key + chain],
    ["parameters in front of the key", parameters + key + leaf + chain],
    ["text between the blocks", `Bag Attributes\n${leaf}${chain}\nKey:\n${key}`],
    ["base64", Buffer.from(leaf + chain + key).toString("base64")],
  ])("GIVEN %s THEN the key is the first, and the certificates follow in their order", (_, text) => {
    expect(canonicalPem(text)).toBe(key + leaf + chain);
  });

  it("GIVEN parameters that servers read THEN they stay, at the end", () => {
    const dh = block("DH PARAMETERS", "DDDD");
    expect(canonicalPem(dh + leaf + key)).toBe(key + leaf + dh);
  });

  it.each([["garbage"], [key + leaf.trimEnd()], [key.trimEnd() + leaf]])(
    "GIVEN something that is not right THEN it stays as it is: %j",
    (text) => {
      expect(canonicalPem(text)).toBe(text);
    },
  );

  it("GIVEN a hundred thousand ends on one line, or lines of base64, THEN they are read in the time that lines take", () => {
    expect(parsePem("-----END A----- ".repeat(100_000)).blocks).toEqual([]);
    expect(parsePem("QUFB\n".repeat(300_000)).blocks).toEqual([]);
  });
});
