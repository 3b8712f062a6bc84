import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../shared/is-record";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the engine's backend keeps the state, without what is secret or differs from run to run. */
export interface BackendPlace {
  readonly isOnThisMachine: boolean;
  /** Texts of which one differs for another state. */
  readonly parts: readonly string[];
}

/**
 * The settings that say where a state is, by the documentation of the backends of Terraform and OpenTofu, with the environment
 * variable that is used instead, where there is one.
 */
const LOCATORS: Readonly<Record<string, string | null>> = {
  address: "TF_HTTP_ADDRESS",
  bucket: null,
  conn_str: "PG_CONN_STR",
  container_name: null,
  key: null,
  namespace: null,
  organization: null,
  path: null,
  prefix: null,
  schema_name: "PG_SCHEMA_NAME",
  secret_suffix: null,
  storage_account_name: null,
  workspace_dir: null,
  workspace_key_prefix: null,
  workspaces: null,
};

/**
 * The backend that `init` has chosen last: one folder can be used with several, as with `-backend-config`.
 *
 * @param dataDirectory of the engine, by default `.terraform`
 */
export function backendPlace(environment: Environment, dataDirectory: string): BackendPlace {
  const { type, config } = chosenIn(dataDirectory);
  const located = Object.entries(LOCATORS).map(([setting, variable]) => {
    const value = config[setting] ?? (variable === null ? null : environment[variable]) ?? null;
    return typeof value === "string" ? withoutCredentials(value) : JSON.stringify(value);
  });
  return { isOnThisMachine: type === "local", parts: [type, ...located] };
}

/** Without a backend, and before `init` has chosen one, the state is a local file. */
function chosenIn(dataDirectory: string) {
  const { type, config } = backendIn(join(dataDirectory, "terraform.tfstate"));
  return { type: typeof type === "string" ? type : "local", config: isRecord(config) ? config : {} };
}

function backendIn(file: string): Readonly<Record<string, unknown>> {
  try {
    const { backend } = JSON.parse(readFileSync(file, "utf8")) ?? {};
    return isRecord(backend) ? backend : {};
  } catch {
    return {};
  }
}

/** A password that was replaced leads to the same state. */
function withoutCredentials(text: string): string {
  if (/\bpassword\s*=/i.test(text)) return "";
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}
