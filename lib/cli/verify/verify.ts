import type { ProjectFlags } from "../inputs/project-options";
import { rootsIn, systemRoots } from "../inputs/roots";
import { writeWhole } from "../output/files";
import { terminalOf } from "../output/terminal";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import { declaredIn } from "./declared";
import { TrustStore } from "./judgement/trust";
import type { Port } from "./questions/by-hand";
import type { Connect } from "./questions/option-values";
import { planByHand, planOfTable } from "./questions/plan";
import type { Question } from "./questions/question";
import { HtmlReport } from "./reports/html/report";
import { JsonReport } from "./reports/json";
import { JunitReport } from "./reports/junit";
import { OpenMetricsReport } from "./reports/open-metrics";
import { TextReport } from "./reports/text";
import { type Destination, Progress, runVerify, shownCommands } from "./run";

/** As commander has them. */
export interface VerifyFlags extends ProjectFlags {
  readonly connect?: readonly Connect[];
  readonly ports?: readonly Port[];
  readonly ca?: readonly string[];
  readonly systemRoots: boolean;
  readonly deep?: boolean;
  readonly revocation?: boolean;
  readonly connections: number;
  /** In seconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly openMetrics?: string;
  readonly html?: string;
  readonly showCommands?: boolean;
  readonly verbose?: boolean;
}

/** @returns the exit status */
export async function verify(names: readonly string[], flags: VerifyFlags, io: Io): Promise<number> {
  const write = (text: string) => void io.stdout.write(text);
  const questions = await planned(names, flags, io);
  if (flags.showCommands) {
    for (const line of shownCommands(questions)) write(line);
    return EXIT.OK;
  }
  const at = io.now();
  const files: { path: string; text: string }[] = [];
  const summary = await runVerify({
    questions,
    trust: new TrustStore([
      ...(flags.systemRoots ? systemRoots() : []),
      ...(flags.ca ?? []).flatMap((path) => rootsIn(path)),
    ]),
    at,
    isRevocationAsked: flags.revocation === true,
    connections: flags.connections,
    deadlineMs: flags.timeout * 1000,
    destinations: destinations(flags, io, at, files),
    progress: new Progress(terminalOf(io.stderr, io.environment), (text) => void io.stderr.write(text)),
  });
  for (const { path, text } of files) writeWhole(path, text);
  return summary.exitCode;
}

async function planned(names: readonly string[], flags: VerifyFlags, io: Io): Promise<Iterable<Question>> {
  const { connect = [], ports = null, deep = false } = flags;
  const { project, stack, table } = flags;
  const isByHand = names.length > 0 && [project, stack, table].every((option) => option === undefined);
  if (isByHand) return planByHand(names, connect, ports);
  const facts = flags.showCommands ? false : flags.facts;
  return planOfTable({ ...(await declaredIn({ ...flags, facts }, io)), names, connect, ports, deep });
}

function destinations(
  { json, verbose = false, junit, openMetrics, html }: VerifyFlags,
  io: Io,
  at: Date,
  files: { path: string; text: string }[],
): Destination[] {
  const toFile = (path: string) => {
    const file = { path, text: "" };
    files.push(file);
    return (text: string) => {
      file.text += text;
    };
  };
  const terminal = terminalOf(io.stdout, io.environment);
  return [
    {
      report: json ? new JsonReport(at) : new TextReport({ terminal, isVerbose: verbose }),
      write: (text) => void io.stdout.write(text),
    },
    ...(junit === undefined ? [] : [{ report: new JunitReport(), write: toFile(junit) }]),
    ...(openMetrics === undefined ? [] : [{ report: new OpenMetricsReport(at), write: toFile(openMetrics) }]),
    ...(html === undefined ? [] : [{ report: new HtmlReport(at), write: toFile(html) }]),
  ];
}
