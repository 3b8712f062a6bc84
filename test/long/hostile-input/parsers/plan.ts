import { DiagnosticsReader } from "../../../../lib/cli/engine/diagnostics";
import { errorIn } from "../../../../lib/cli/engine/failure";
import { JsonBytesError } from "../../../../lib/cli/json/json-bytes-error";
import { JsonSplitter } from "../../../../lib/cli/json/json-splitter";
import { JsonValue } from "../../../../lib/cli/json/json-value";
import { planChanges } from "../../../../lib/cli/plan/changes/plan-changes";
import { htmlReport } from "../../../../lib/cli/plan/reports/html/html";
import { jsonReport } from "../../../../lib/cli/plan/reports/json";
import { GITHUB_LIMIT, markdownReport } from "../../../../lib/cli/plan/reports/markdown/markdown";
import { textReport } from "../../../../lib/cli/plan/reports/text";
import { PlanReader } from "../../../../lib/cli/planned/read-plan";
import { refusalsIn } from "../../../../lib/cli/renew/policy/policy";
import { SAMPLE } from "../../../cli/planned/support/plan-json";
import type { Parser } from "./parser";
import { checkHtml, checkMarkdown, checkPlain } from "./printed";
import { cli, never, only } from "./refusals";

const NO_TERMINAL = { hasColour: false, hasProgress: false };
const DIAGNOSTIC = {
  "@level": "error",
  type: "diagnostic",
  diagnostic: {
    severity: "error",
    summary: "Host unreachable",
    detail: "ssh://root:secret@mx1 does not answer\npassword=secret",
    address: "mailsni_host_files.base__mx1",
  },
};

/** What engines write. */
export function planParsers(): Parser[] {
  return [
    {
      name: "a plan as JSON, to the reports of it",
      seeds: [JSON.stringify(SAMPLE), JSON.stringify(SAMPLE, null, 1)],
      throws: cli,
      read: (input) => {
        const reader = new PlanReader("The plan of stack mail");
        inPieces(input, reader.write);
        const plan = reader.end();
        const changes = planChanges([{ stack: "mail", plan, diagnostics: [], findings: [] }], null);
        const reports = [textReport(changes, NO_TERMINAL), jsonReport(changes, new Date(), 0)];
        const markdown = markdownReport(changes, GITHUB_LIMIT);
        const page = htmlReport(changes, new Date());
        for (const report of [...reports, markdown, page]) checkPlain(report);
        checkMarkdown(markdown);
        checkHtml(page);
        return [plan, refusalsIn(plan), reports, markdown];
      },
      repeats: ['"a":1,', '"a",', '{"address":"a"},', '"actions":["update"],', '\\"', "1"],
      growth: 100,
    },
    {
      name: "JSON as bytes",
      seeds: ['{"a":[1,"b",{"c":true}],"d":{"e":"\\u00e4"},"f":null}', "[[],{}]"],
      throws: only(JsonBytesError),
      read: (input) => {
        const taken: unknown[] = [];
        const take = (value: JsonValue, name = "") => taken.push(name, value.hasTrue, value.isNull);
        const splitter = new JsonSplitter({
          a: { kind: "each", most: 1000, mostBytes: 10_000, take },
          d: { kind: "within", members: { e: { kind: "whole", mostBytes: 1000, take } } },
        });
        inPieces(input, (piece) => splitter.write(piece));
        splitter.end();
        const value = JsonValue.of(input);
        return [taken, [...value.object(1000)].map(([name, member]) => [name, member.hasTrue])];
      },
      repeats: ["[", "[[],", '{"a":', "\\\\", '""', '"a":1,', "1,"],
    },
    {
      name: "diagnostics of an engine",
      seeds: [`${JSON.stringify(DIAGNOSTIC)}\nnoise\n${JSON.stringify(DIAGNOSTIC)}`],
      throws: never,
      read: (input) => {
        const reader = new DiagnosticsReader();
        inPieces(input, reader.write);
        const { diagnostics, omitted } = reader.end();
        for (const { summary, detail, address } of diagnostics) checkPlain(`${summary}${detail}${address}`);
        return [diagnostics, omitted];
      },
      repeats: ["://a:", ":@", "password=", "password='", 'parse \\"a://', `${JSON.stringify(DIAGNOSTIC)}\n`],
      // A character that is escaped has six.
      growth: 20,
    },
    {
      name: "what an engine complains of",
      seeds: [
        "╷\n│ Error: Invalid URL\n│ \n│   on cdk.tf.json line 3\n╵\n",
        'Error: parse "pg://a:b@c": no\n',
      ],
      throws: never,
      read: (input) => errorIn(input.toString()),
      repeats: ["│ ", "Error: ", "://a:", ":@", "password=", 'parse "a://', " "],
    },
  ];
}

function inPieces(input: Buffer, write: (piece: Buffer) => void): void {
  const piece = 1 + (input.length % 8191);
  for (let from = 0; from < input.length; from += piece) write(input.subarray(from, from + piece));
}
