import type { SniTableDocument } from "../../shared/sni-table/document";
import { Transports } from "../../shared/transport/ssh/transports";
import { hostStatements, type StatementOptions } from "../inputs/host-statements";
import type { Project } from "../inputs/project";
import type { PublicFacts } from "../inputs/public-facts";
import { ReachedHosts } from "../inputs/reached-hosts";
import { stacksOf, withStacks } from "../inputs/table";
import { Progress } from "../output/progress";
import { EXIT } from "../process/exit-code";
import type { TrustStore } from "../verify/chain/trust-store";
import { currentIn } from "../verify/declared";
import type { Summary } from "../verify/judgement/summary";
import { planOfTable } from "../verify/questions/plan";
import type { Question } from "../verify/questions/question";
import { TextReport } from "../verify/reports/text";
import { totalsOf } from "../verify/reports/wording";
import { runVerify } from "../verify/run";
import { skipped, type Verification } from "./outcome/verification";

const PLAIN = { hasColour: false, hasProgress: false };
const CONNECTIONS = 4;
const DEADLINE_MS = 15_000;

export interface VerificationOptions {
  readonly project: Project;
  readonly table: SniTableDocument;
  readonly trust: TrustStore;
  readonly at: Date;
}

/**
 * Asks the hosts of a stack, as deploys reach them, for every name.
 *
 * @param facts the certificates that should be served; null compares with none
 * @throws CliError
 */
export async function verifyStack(
  stack: string,
  facts: PublicFacts | null,
  options: VerificationOptions,
): Promise<Verification> {
  if (!stacksOf(options.table).includes(stack)) return skipped("the table has no hosts of this stack");
  const lines: string[] = [];
  const { text, summary } = await withTransports(async (transports) => {
    const reach = { transports, complain: (line: string) => void lines.push(line) };
    return asked(await questionsOf(stack, facts, options, reach), options, transports);
  });
  if (summary.handshakes === 0) return notAsked(lines);
  const totals = totalsOf(summary);
  // The report ends with the totals, in a line of their own.
  const findings = text.split("\n").filter((line) => line !== "" && line !== totals);
  return {
    kind: "verified",
    lines: [...lines, ...findings],
    totals,
    isWithoutFacts: facts === null,
    exitCode: summary.exitCode,
  };
}

/** @param reasons why hosts were not asked; none if no host has a port to ask */
function notAsked(reasons: readonly string[]): Verification {
  if (reasons.length === 0) return skipped("no host of this stack has a port to ask");
  const reason = `no host of this stack can be asked. ${reasons.join(" ")}`.replace(/\.$/, "");
  return skipped(reason, EXIT.NOT_CHECKED);
}

async function withTransports<T>(use: (transports: Transports) => Promise<T>): Promise<T> {
  const transports = new Transports();
  try {
    return await use(transports);
  } finally {
    await transports.close();
  }
}

/** Every name of the stack, at every port of its hosts. */
async function questionsOf(
  stack: string,
  facts: PublicFacts | null,
  { project, table }: VerificationOptions,
  reach: StatementOptions,
): Promise<Iterable<Question>> {
  const { complain } = reach;
  const ofStack = withStacks(table, [stack]);
  const current = currentIn(facts, await hostStatements(project.stack(stack), reach), reach);
  return planOfTable({
    table: ofStack,
    names: [],
    connect: [],
    ports: null,
    current: (_, host) => current(host),
    deep: false,
    through: new ReachedHosts(ofStack, project, complain),
    complain,
  });
}

/** Makes the handshakes, and writes the report as text. */
async function asked(
  questions: Iterable<Question>,
  { trust, at }: VerificationOptions,
  transports: Transports,
): Promise<{ readonly text: string; readonly summary: Summary }> {
  let text = "";
  const write = (piece: string) => {
    text += piece;
  };
  const summary = await runVerify({
    questions,
    transports,
    trust,
    at,
    lists: null,
    connections: CONNECTIONS,
    deadlineMs: DEADLINE_MS,
    destinations: [{ report: new TextReport({ terminal: PLAIN, isVerbose: false }), write }],
    progress: new Progress(PLAIN, () => {}),
  });
  return { text, summary };
}
