/**
 * Restores a PEM text that CI systems and secret stores have changed: base64 of it, `\n` in place of line
 * breaks, all of it on one line, a byte order mark, or several such values, one below the other. Ambiguous
 * text stays as it is.
 */
export function legiblePem(text: string): string {
  // The common case: each line is base64, or has dashes in its first column.
  if (PLAIN.test(text)) return text;
  return decoded(text.split("\n").map(legibleLine).join("\n"));
}

const PLAIN =
  /^(?:-----BEGIN [A-Z0-9 ]+-----\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+-----END [A-Z0-9 ]+-----(?:\r?\n)+)+$/;

/** Restores the line breaks of a line that contains one or several whole PEMs. */
function legibleLine(line: string): string {
  const plain = line.replace(/^\ufeff+(?=-----BEGIN )/, "");
  if (!plain.includes("-----BEGIN ")) return plain;
  return withLineBreaks(unescaped(plain));
}

/** Replaces escapes: a PEM contains no backslash. Surrounding quotes are those of JSON, a shell or YAML. */
function unescaped(line: string): string {
  if (!/-----\\r?\\?n/.test(line)) return line;
  const bare = line.trim().replace(/^(["'])(.*)\1$/, "$2");
  return bare.replaceAll(/\\r\\n|\\n/g, "\n").replace(/\n$/, "");
}

/**
 * Replaces blanks by line breaks. The headers of an encrypted key then cannot be distinguished from its body.
 */
function withLineBreaks(line: string): string {
  const blocks = line.replaceAll(
    /-----BEGIN ([A-Z0-9 ]{1,40})-----( [A-Za-z0-9+/= ]+)-----END \1-----/g,
    (_, label: string, body: string) =>
      `-----BEGIN ${label}-----\n${body.trim().replaceAll(/ +/g, "\n")}\n-----END ${label}-----`,
  );
  return blocks === line ? line : blocks.replaceAll(/----- +-----BEGIN /g, "-----\n-----BEGIN ");
}

/** Decodes lines of base64 outside of any block, if they encode a PEM. */
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

/**
 * Decodes consecutive lines. Values that end in `=` are separate; the others are whole groups of four and are
 * joined.
 */
function decodedRun(run: readonly string[]): readonly string[] {
  if (run.length === 0) return run;
  const values = run.join("").match(/[A-Za-z0-9+/]+={0,2}/g) ?? [];
  const text = values.map((value) => Buffer.from(value, "base64").toString("utf8")).join("\n");
  const isPem = text.includes("-----BEGIN ") && !text.includes("\ufffd");
  return isPem ? text.trimEnd().split("\n").map(legibleLine) : run;
}
