import { HOST_SETTINGS_OUTPUT } from "../../shared/host-settings-output";
import { printableLine } from "../../shared/text/printable";
import { CliError } from "../errors/cli-error";
import { JsonBytesError } from "../json/json-bytes-error";
import { JsonObject } from "../json/json-object";
import { JsonSplitter, type Selection, type Wanted } from "../json/json-splitter";
import type { JsonValue } from "../json/json-value";
import { caReferences } from "./ca-references";
import { changedHosts } from "./changed-hosts";
import { readDataSource } from "./data-source";
import { UnsupportedPlan } from "./plan-error";
import type { PlannedChange, PlannedOutput, StackPlan } from "./planned-change";
import { actionOf, resourceChange } from "./resource-change";
import { MOST_ADDRESS_BYTES, MOST_MEMBERS, MOST_WORD_BYTES } from "./resource-format";

const MOST_RESOURCES = 200_000;
const MOST_OUTPUTS = 20_000;
/** The maximum size of one resource, with its values before and after. */
const MOST_RESOURCE_BYTES = 64 * 1024 * 1024;
/** The maximum size of one output. That of a stack has a few hundred bytes for each certificate. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Reads what an engine's `show -json` writes of a saved plan, piece by piece. Values are kept for an allow-list alone; the others,
 * private keys among them, are never decoded.
 */
export class PlanReader {
  readonly #splitter: JsonSplitter;
  readonly #changes: PlannedChange[] = [];
  /** Data sources that the engine has read. */
  readonly #read: PlannedChange[] = [];
  readonly #drift: PlannedChange[] = [];
  readonly #outputs: PlannedOutput[] = [];
  readonly #actions: string[] = [];
  readonly #caReferences = new Map<string, readonly string[]>();
  #changedHosts: readonly string[] = [];
  #formatVersion = "";
  #engineVersion = "";
  /** Null if the document does not say. */
  #isErrored: boolean | null = null;
  #isWhole = true;

  /** @param source what is read, for errors: such as `The plan of stack mail` */
  constructor(private readonly source: string) {
    this.#splitter = new JsonSplitter(this.#selection());
  }

  /** @throws CliError `CLI_PLAN_INVALID`, `CLI_PLAN_UNSUPPORTED` */
  readonly write = (piece: Buffer): void => this.#translated(() => this.#splitter.write(piece));

  /** @throws CliError `CLI_PLAN_INVALID`, `CLI_PLAN_UNSUPPORTED` */
  end(): StackPlan {
    this.#translated(() => {
      this.#splitter.end();
      checkFormat(this.#formatVersion);
      // A state as JSON has the same head, and must not pass for a plan with nothing to do.
      if (this.#isErrored === null && this.#changes.length === 0) throw new JsonBytesError(0, "is no plan");
    });
    const planned = new Set(this.#changes.map(({ address }) => address));
    return {
      // What the state has of a data source that the apply will read is that of the last apply.
      changes: [...this.#changes, ...this.#read.filter(({ address }) => !planned.has(address))],
      drift: this.#drift,
      outputs: this.#outputs,
      changedHosts: this.#changedHosts,
      caReferences: this.#caReferences,
      actions: [...new Set(this.#actions)],
      engineVersion: this.#engineVersion,
      isComplete: this.#isWhole && this.#isErrored !== true,
    };
  }

  /** `planned_values`, `configuration` and `variables` have values in clear, too. Of them only {@link caReferences} are read. */
  #selection(): Selection {
    return {
      format_version: word((value) => {
        this.#formatVersion = value.text(MOST_WORD_BYTES);
        checkFormat(this.#formatVersion);
      }),
      terraform_version: word((value) => {
        this.#engineVersion = printableLine(value.text(MOST_WORD_BYTES));
      }),
      resource_changes: resources(this.#changes, resourceChange),
      resource_drift: resources(this.#drift, resourceChange),
      prior_state: within({
        values: within({ root_module: within({ resources: resources(this.#read, readDataSource) }) }),
      }),
      output_changes: {
        kind: "each",
        most: MOST_OUTPUTS,
        mostBytes: MOST_OUTPUT_BYTES,
        take: (value, name) => {
          const change = new JsonObject(value, MOST_MEMBERS);
          this.#outputs.push({ name, action: actionOf(change) });
          if (name === HOST_SETTINGS_OUTPUT) this.#changedHosts = changedHosts(change);
        },
      },
      configuration: within({
        root_module: within({
          resources: each((value) => {
            const found = caReferences(value);
            if (found !== null) this.#caReferences.set(...found);
          }),
        }),
      }),
      // One for each resource that triggers the action.
      action_invocations: each((value) => {
        const address = new JsonObject(value, MOST_MEMBERS).needed("address");
        this.#actions.push(address.text(MOST_ADDRESS_BYTES));
      }),
      errored: word((value) => {
        this.#isErrored = value.boolean();
      }),
      // Terraform only: false also for a plan with targets, or with deferred changes.
      complete: word((value) => {
        this.#isWhole = value.boolean();
      }),
    };
  }

  #translated(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof JsonBytesError) throw invalid(this.source, error);
      if (error instanceof UnsupportedPlan) throw unsupported(this.source, error);
      throw error;
    }
  }
}

function word(take: (value: JsonValue) => void): Wanted {
  return { kind: "whole", mostBytes: MOST_WORD_BYTES, take };
}

function within(members: Selection): Wanted {
  return { kind: "within", members };
}

function resources(changes: PlannedChange[], read: (value: JsonValue) => PlannedChange | null): Wanted {
  return each((value) => {
    const change = read(value);
    if (change !== null) changes.push(change);
  });
}

/** Resources, or as many others. */
function each(take: (value: JsonValue) => void): Wanted {
  return { kind: "each", most: MOST_RESOURCES, mostBytes: MOST_RESOURCE_BYTES, take };
}

/** Engines promise that a minor version adds members only. */
function checkFormat(version: string): void {
  if (!/^1\.\d+$/.test(version)) throw new UnsupportedPlan("another format than 1");
}

function invalid(source: string, { message }: JsonBytesError): CliError {
  return new CliError(
    "CLI_PLAN_INVALID",
    `${source} is not what an engine's show -json writes: ${message}.`,
    "Write it again with terraform show -json FILE, FILE being a saved plan.",
  );
}

function unsupported(source: string, { found }: UnsupportedPlan): CliError {
  return new CliError(
    "CLI_PLAN_UNSUPPORTED",
    `${source} has ${found}.`,
    "Update cdktf-mail-sni, or plan with a version of the engine that this release knows.",
  );
}
