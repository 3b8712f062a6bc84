/**
 * A PEM text as files hold it, made of what CI systems and secret stores have turned it into: base64 of it, `\n` in place
 * of line breaks, all of it on one line, a byte order mark, or several values of these kinds one below the other. What
 * is not unambiguous stays as it is.
 */
export function legiblePem(text: string): string {
  // Nearly always: no line has anything but base64, or dashes in its first column.
  if (PLAIN.test(text)) return text;
  return decoded(text.split("\n").map(legibleLine).join("\n"));
}

const PLAIN =
  /^(?:-----BEGIN [A-Z0-9 ]+-----\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+-----END [A-Z0-9 ]+-----(?:\r?\n)+)+$/;

/** One line with its line breaks back, where it is all of a PEM, or several. */
function legibleLine(line: string): string {
  const plain = line.replace(/^\ufeff+(?=-----BEGIN )/, "");
  if (!plain.includes("-----BEGIN ")) return plain;
  return withLineBreaks(unescaped(plain));
}

/** A backslash stands nowhere in a PEM. Quotes around it are those of JSON, of a shell or of YAML. */
function unescaped(line: string): string {
  if (!/-----\\r?\\?n/.test(line)) return line;
  const bare = line.trim().replace(/^(["'])(.*)\1$/, "$2");
  return bare.replaceAll(/\\r\\n|\\n/g, "\n").replace(/\n$/, "");
}

/** Blanks in place of line breaks. Headers of an encrypted key cannot be told from its body then. */
function withLineBreaks(line: string): string {
  const blocks = line.replaceAll(
    /-----BEGIN ([A-Z0-9 ]{1,40})-----( [A-Za-z0-9+/= ]+)-----END \1-----/g,
    (_, label: string, body: string) =>
      `-----BEGIN ${label}-----\n${body.trim().replaceAll(/ +/g, "\n")}\n-----END ${label}-----`,
  );
  return blocks === line ? line : blocks.replaceAll(/----- +-----BEGIN /g, "-----\n-----BEGIN ");
}

/** Lines of base64 outside of any block, in place of which there is what they encode, if that is PEM. */
function decoded(text: string): string {
  const lines: string[] = [];
  let run: string[] = [];
  let isInside = false;
  for (const line of text.split("\n")) {
    const content = line.trimEnd();
    if (!isInside && /^[A-Za-z0-9+/]+={0,2}$/.test(content)) {
      run.push(content);
      continue;
    }
    for (const each of decodedRun(run)) lines.push(each);
    run = [];
    if (content.includes("-----BEGIN ")) isInside = true;
    if (content.includes("-----END ")) isInside = false;
    lines.push(line);
  }
  return [...lines, ...decodedRun(run)].join("\n");
}

/** Values that end in `=` are told apart; those that do not are whole groups of four, and follow each other. */
function decodedRun(run: readonly string[]): readonly string[] {
  if (run.length === 0) return run;
  const values = run.join("").match(/[A-Za-z0-9+/]+={0,2}/g) ?? [];
  const text = values.map((value) => Buffer.from(value, "base64").toString("utf8")).join("\n");
  const isPem = text.includes("-----BEGIN ") && !text.includes("\ufffd");
  return isPem ? text.trimEnd().split("\n").map(legibleLine) : run;
}
