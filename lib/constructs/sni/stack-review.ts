import { App, TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { ownId } from "../bindings/own-id";
import { type LeftOut, leftOutOf } from "../domain/left-out";
import type { MailDomain } from "../domain/mail-domain";
import type { MailDomains } from "../domain/mail-domains";
import type { MailHost } from "../host/mail-host";
import { checkCdktfPackage } from "../plugin/cdktf-package";
import { closeStackDirectory, stackDirectory } from "../plugin/stack-directory";
import { addWarning, printWarnings } from "../plugin/stack-warnings";
import type { Finding } from "./rules/finding";
import { review } from "./rules/review";
import { ReviewedHost } from "./rules/reviewed-host";
import type { AcknowledgedSubject } from "./table/acknowledged-subject";
import { tableDirectory, writeTableFiles } from "./table/files";
import type { HostTable } from "./table/host-table";

/**
 * Checks all mail hosts of a stack when it is synthesized. It refuses what a rule forbids and warns of what a
 * rule advises against. With the last such stack of an app it writes the SNI table.
 */
export class StackReview extends Construct {
  /**
   * The review of the stack of `scope`; created on first use.
   *
   * @throws MailSniError `CDKTF_PACKAGE`
   */
  public static of(scope: Construct): StackReview {
    const stack = TerraformStack.of(scope);
    const known = StackReview.in(stack);
    if (known !== undefined) return known;
    checkCdktfPackage(stack);
    return new StackReview(stack);
  }

  private static in(stack: TerraformStack): StackReview | undefined {
    return stack.node.tryFindChild(ID) as StackReview | undefined;
  }

  private readonly declarations: Declarations[] = [];
  private readonly lists = new Set<MailDomains>();
  /** The outcome of the present synthesis. */
  private outcome?: Outcome;
  /** Whether the stack is synthesized and its table is not yet written. */
  private tableIsDue = false;

  private constructor(stack: TerraformStack) {
    super(stack, ID);
    const app = App.of(this);
    REVIEWS.set(app, (REVIEWS.get(app) ?? new Set()).add(this));
    this.node.addValidation({ validate: () => this.validateHosts() });
    addCustomSynthesis(this, {
      onSynthesize: ({ outdir, manifest, skipValidation }) => {
        closeStackDirectory(stackDirectory(stack, { outdir, manifest }));
        if (skipValidation || this.outcome === undefined) this.outcome = this.review();
        this.warn(this.outcome);
        printWarnings(stack, manifest);
        // `Testing.fullSynth()` has a manifest of its own.
        if (manifest === App.of(this).manifest) this.writeTables();
      },
    });
  }

  /**
   * Adds hosts to the review.
   *
   * @param domains returns the domains that are declared for them when the stack is synthesized
   */
  public add(hosts: readonly MailHost[], domains: () => readonly MailDomain[]): void {
    this.declarations.push({ hosts, domains });
  }

  /** Adds a list of mail domains whose skipped entries the SNI table lists. */
  public addList(list: MailDomains): void {
    this.lists.add(list);
  }

  /** Validation errors. cdktf calls this before it synthesizes. */
  private validateHosts(): string[] {
    this.outcome = this.review();
    return this.outcome.findings
      .filter(({ severity }) => severity === "error")
      .map(({ error }) => error.message);
  }

  private review(): Outcome {
    const hosts = this.reviewedHosts();
    return { tables: hosts.map(({ table }) => table), findings: review(hosts) };
  }

  private reviewedHosts(): ReviewedHost[] {
    const served = new Map<MailHost, MailDomain[]>();
    for (const { hosts } of this.declarations) for (const host of hosts) served.set(host, []);
    for (const domain of this.declarations.flatMap(({ domains }) => domains())) {
      for (const host of domain.hosts) served.get(host)?.push(domain);
    }
    return [...served]
      .sort(([{ name }], [other]) => compare(name, other.name))
      .map(([host, domains]) => new ReviewedHost(host, domains.sort(byName)));
  }

  private warn({ findings }: Outcome): void {
    for (const { severity, acknowledgement, construct, error } of findings) {
      if (severity === "warning" && acknowledgement === undefined) addWarning(construct, error);
    }
  }

  /** Writes the table with the last of the app's stacks: by then all of them are validated. */
  private writeTables(): void {
    const app = App.of(this);
    const directory = tableDirectory(app);
    this.tableIsDue = true;
    const reviews = [...(REVIEWS.get(app) ?? [])].filter(isPartOfApp);
    if (directory === undefined || !reviews.every((review) => review.tableIsDue)) return;
    const outcomes = reviews.flatMap(({ outcome = [] }) => outcome);
    const lists = new Set(reviews.flatMap((review) => [...review.lists]));
    writeTableFiles(directory, {
      hosts: outcomes.flatMap(({ tables }) => tables).sort(byStackAndHost),
      acknowledged: outcomes.flatMap(({ findings }) => findings.flatMap(acknowledged)).sort(byCodeAndPlace),
      leftOut: [...lists].flatMap(leftOutOf).sort(byFileAndRow),
    });
    for (const review of reviews) review.tableIsDue = false;
  }
}

/**
 * The reviews of each app. To find them among thousands of constructs would take longer than to review a
 * host.
 */
const REVIEWS = new WeakMap<App, Set<StackReview>>();

function isPartOfApp(review: StackReview): boolean {
  const { node } = TerraformStack.of(review);
  return node.scope?.node.tryFindChild(node.id) !== undefined;
}

const ID = ownId("rules");

interface Declarations {
  readonly hosts: readonly MailHost[];
  readonly domains: () => readonly MailDomain[];
}

interface Outcome {
  readonly tables: readonly HostTable[];
  readonly findings: readonly Finding[];
}

function acknowledged({ code, acknowledgement, subjects }: Finding): AcknowledgedSubject[] {
  if (acknowledgement === undefined) return [];
  const { scope, reason } = acknowledgement;
  return subjects.map((subject) => ({ code, at: scope.node.path || "the app", reason, subject }));
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return compare(one.name, other.name);
}

function byStackAndHost(one: HostTable, other: HostTable): number {
  return compare(one.stack, other.stack) || compare(one.host, other.host);
}

function byCodeAndPlace(one: AcknowledgedSubject, other: AcknowledgedSubject): number {
  return compare(one.code, other.code) || compare(one.at, other.at) || compare(one.subject, other.subject);
}

function byFileAndRow(one: LeftOut, other: LeftOut): number {
  return compare(one.file, other.file) || compare(one.row, other.row) || compare(one.reason, other.reason);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
