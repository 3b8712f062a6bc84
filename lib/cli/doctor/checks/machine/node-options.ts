import { lastLines } from "../../../../shared/transport/session";
import type { ProgramRun } from "../../../process/program-run";
import type { Check } from "../../examination/check";
import { type Finding, failure, orWell, skipped, warning, well } from "../../examination/finding";
import type { Machine } from "./machine";
import { nodeIn, nodeRun } from "./node";

export const nodeOptions: Check<Machine> = {
  id: "node-options",
  looksAt: "`NODE_OPTIONS`, which reach the provider too",
  reports:
    "options that Node.js refuses, that make it wait, print or load other code, or that open its memory to others",
  async findings({ environment, directory }) {
    const options = environment.NODE_OPTIONS ?? "";
    if (options.trim() === "") return [well("NODE_OPTIONS is not set")];
    const program = nodeIn(environment);
    if (program === null) return [skipped("there is no node in the PATH")];
    const run = await nodeRun(program, ["-e", "0"], directory, environment);
    return orWell(
      [...problems(run), ...risks(options)],
      "Node.js starts with NODE_OPTIONS, and says nothing",
    );
  },
};

const REMEDY = "Unset NODE_OPTIONS in the job that deploys, or leave that option out.";

function problems({ exitCode, stdout, stderr, isLate }: ProgramRun): Finding[] {
  if (isLate) {
    return [
      failure("With NODE_OPTIONS, Node.js does not end: the engine would wait for the provider.", REMEDY),
    ];
  }
  if (exitCode !== 0) {
    const said = lastLines(stderr).split("\n")[0];
    return [
      failure(`Node.js does not start with NODE_OPTIONS, and so neither will the provider: ${said}.`, REMEDY),
    ];
  }
  if (stdout === "") return [];
  return [
    failure(
      "With NODE_OPTIONS, Node.js prints something on standard output: the engine would take it for the provider's handshake, and fail.",
      REMEDY,
    ),
  ];
}

/** The beginnings of options, and what is wrong with those. */
const RISKS: readonly (readonly [option: RegExp, what: string])[] = [
  [/^--(debug|inspect)/, "opens a debugger in the provider, which handles private keys"],
  [
    /^(-r|--require|--import|--loader|--experimental-loader)\b/,
    "loads other code into the provider, which handles private keys",
  ],
  [
    /^--(heapsnapshot|heap-prof|diagnostic-dir|report-)/,
    "makes the provider write its memory, with private keys, to files",
  ],
  [/^--(cpu-prof|prof\b|trace-event)/, "makes the provider slow, and write files into the stack's directory"],
];

function risks(options: string): Finding[] {
  const words = options.split(/\s+/).filter((word) => word.startsWith("-"));
  return words.flatMap((word) => {
    const [, what] = RISKS.find(([option]) => option.test(word)) ?? [];
    const name = word.split("=")[0];
    return what === undefined ? [] : [warning(`${name} in NODE_OPTIONS ${what}.`, REMEDY)];
  });
}
