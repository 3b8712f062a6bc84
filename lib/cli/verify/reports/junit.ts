import type { Result } from "../judgement/summary";
import { worst } from "../judgement/summary";
import type { Report } from "./report";
import { placeOf, sentencesOf } from "./wording";

/** A JUnit report, for CI systems: one test case per handshake; errors are failures. */
export class JunitReport implements Report {
  begin(): string {
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name="mail-sni verify">\n';
  }

  add({ question, findings }: Result): string {
    const { host, port } = question.endpoint;
    const start = `<testcase classname="${escaped(`${host}:${port}`)}" name="${escaped(placeOf(question))}"`;
    if (findings.length === 0) return `${start}/>\n`;
    const said = findings.map((finding) => `${finding.severity}: ${sentencesOf(finding)}`);
    const text = escaped(said.join("\n"));
    return worst(findings) === "error"
      ? `${start}><failure message="${escaped(said[0] ?? "")}">${text}</failure></testcase>\n`
      : `${start}><system-out>${text}</system-out></testcase>\n`;
  }

  end(): string {
    return "</testsuite>\n</testsuites>\n";
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Removes the characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets). */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] as string);
}
