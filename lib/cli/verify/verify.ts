import type { MailPort } from "../../shared/service/usual-ports";
import { printableLine } from "../../shared/text/printable";
import { Transports } from "../../shared/transport/ssh/transports";
import type { ProjectFlags } from "../inputs/project-options";
import { type RootFlags, trustedRoots } from "../inputs/root-options";
import { Progress } from "../output/progress";
import { RepeatedLines } from "../output/repeated-lines";
import { saveAll } from "../output/report-file";
import { terminalOf } from "../output/terminal";
import { writeTo } from "../output/write-to";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import { TrustStore } from "./chain/trust-store";
import { declaredIn } from "./declared";
import type { Connect } from "./questions/option-values";
import { planByHand, planOfTable } from "./questions/plan";
import type { Question } from "./questions/question";
import { reportsInFiles } from "./report-files";
import { JsonReport } from "./reports/json";
import type { Report } from "./reports/report";
import { TextReport } from "./reports/text";
import { downloadWithin } from "./revocation/download";
import { KeptDownloads } from "./revocation/kept-downloads";
import { runVerify, shownCommands } from "./run";
import { ChangesReport } from "./watch/changes-report";
import { watch } from "./watch/watch";

/** The options as commander parses them. */
export interface VerifyFlags extends ProjectFlags, RootFlags {
  readonly connect?: readonly Connect[];
  readonly throughSsh?: boolean;
  /** False for `--no-ssh`. */
  readonly ssh?: boolean;
  readonly ports?: readonly MailPort[];
  readonly deep?: boolean;
  readonly revocation?: boolean;
  readonly connections: number;
  /** The time for one handshake, in seconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly openMetrics?: string;
  readonly html?: string;
  readonly showCommands?: boolean;
  readonly verbose?: boolean;
  /** The time between two runs, in seconds. */
  readonly watch?: number;
}

/** @returns the exit status */
export async function verify(names: readonly string[], flags: VerifyFlags, io: Io): Promise<number> {
  const lines = new RepeatedLines((line) => void io.stderr.write(`mail-sni: ${printableLine(line)}\n`));
  const complain = (line: string) => lines.say(line);
  if (flags.showCommands) {
    const questions = await planned(names, { ...flags, facts: false }, { io, complain, transports: null });
    for (const line of shownCommands(questions, complain)) await writeTo(io.stdout, line);
    return EXIT.OK;
  }
  const { watch: seconds, revocation = false, timeout } = flags;
  const lists = revocation ? new KeptDownloads(downloadWithin(timeout * 1000), io.now) : null;
  const once = async (text?: Report) => {
    const transports = new Transports();
    try {
      const asked = flags.ssh === false ? null : transports;
      const questions = await planned(names, flags, { io, complain, transports: asked });
      return await verifyOnce(flags, io, { questions, lists, transports, text });
    } finally {
      await transports.close();
    }
  };
  if (seconds === undefined) return once();
  const terminal = terminalOf(io.stdout, io.environment);
  const changes = new ChangesReport({ terminal, isVerbose: flags.verbose === true }, io.now);
  return watch({
    intervalMs: seconds * 1000,
    interruption: io.interruption(),
    run: async () => {
      lines.nextRound();
      return once(changes);
    },
    complain,
  });
}

interface Round {
  readonly questions: Iterable<Question>;
  readonly lists: KeptDownloads | null;
  readonly transports: Transports;
  /** The report on standard output, instead of one for this run only. */
  readonly text?: Report;
}

async function verifyOnce(
  flags: VerifyFlags,
  io: Io,
  { questions, lists, transports, text }: Round,
): Promise<number> {
  const at = io.now();
  const files = reportsInFiles(flags, at);
  if (files.length > 0) io.goOnWithoutReader();
  const summary = await runVerify({
    questions,
    transports,
    trust: new TrustStore(trustedRoots(flags)),
    at,
    lists,
    connections: flags.connections,
    deadlineMs: flags.timeout * 1000,
    destinations: [
      { report: text ?? textReport(flags, io, at), write: (piece) => writeTo(io.stdout, piece) },
      ...files.map(({ report, file }) => ({ report, write: file.add })),
    ],
    progress: new Progress(terminalOf(io.stderr, io.environment), (line) => void io.stderr.write(line)),
  });
  saveAll(files.map(({ file }) => file));
  return summary.exitCode;
}

async function planned(
  names: readonly string[],
  flags: VerifyFlags,
  {
    io,
    complain,
    transports,
  }: { io: Io; complain: (message: string) => void; transports: Transports | null },
): Promise<Iterable<Question>> {
  const { connect = [], ports = null, deep = false } = flags;
  const { project, stack, table, throughSsh } = flags;
  const isByHand =
    names.length > 0 && [project, stack, table, throughSsh].every((option) => option === undefined);
  if (isByHand) return planByHand(names, connect, ports, complain);
  return planOfTable({
    ...(await declaredIn(flags, {
      environment: io.environment,
      complain,
      transports,
    })),
    ...{ names, connect, ports, deep, complain },
  });
}

function textReport({ json, verbose = false }: VerifyFlags, io: Io, at: Date): Report {
  if (json) return new JsonReport(at);
  return new TextReport({ terminal: terminalOf(io.stdout, io.environment), isVerbose: verbose });
}
