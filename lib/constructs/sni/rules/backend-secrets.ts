import { Token } from "cdktf";
import type { StateBackend } from "../../plugin/state-backend";

/** An argument in the block of a backend that has a secret. */
export interface BackendSecret {
  /** Its name, or its path where it is in a block or a map. */
  readonly argument: string;
  /** Where the secret belongs, as the end of a sentence. */
  readonly instead: string;
}

/** The arguments of a backend that have a secret. The secrets themselves are left out, so that no message has one. */
export function secretsIn({ type, settings }: StateBackend): BackendSecret[] {
  return Object.entries(SECRETS[type] ?? {})
    .filter(([argument, { isSecret }]) => isSecret(valueAt(settings, argument)))
    .map(([argument, { instead }]) => ({ argument, instead }));
}

interface Secret {
  readonly isSecret: (value: unknown) => boolean;
  readonly instead: string;
}

/** An argument that is nothing but a secret. */
function secret(...variables: readonly string[]): Secret {
  return { isSecret, instead: `in the environment variable ${variables.join(" or ")}` };
}

const IN_URL: Secret = {
  isSecret: hasPasswordInUrl,
  instead: "in the environment variables TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
};

/** The URL of a proxy. */
function proxy(variable: string): Secret {
  return { isSecret: hasPasswordInUrl, instead: `in the environment variable ${variable}` };
}

/** The arguments with secrets of each backend, with what Terraform and OpenTofu take instead. */
const SECRETS: Readonly<Record<string, Readonly<Record<string, Secret>>>> = {
  azurerm: {
    access_key: secret("ARM_ACCESS_KEY"),
    client_certificate_password: secret("ARM_CLIENT_CERTIFICATE_PASSWORD"),
    client_secret: secret("ARM_CLIENT_SECRET"),
    oidc_request_token: secret("ARM_OIDC_REQUEST_TOKEN"),
    oidc_token: secret("ARM_OIDC_TOKEN"),
    sas_token: secret("ARM_SAS_TOKEN"),
  },
  cloud: { token: { isSecret, instead: "in the environment variable TF_TOKEN_… of the host name" } },
  consul: { access_token: secret("CONSUL_HTTP_TOKEN"), http_auth: secret("CONSUL_HTTP_AUTH") },
  cos: {
    secret_key: secret("TENCENTCLOUD_SECRET_KEY"),
    security_token: secret("TENCENTCLOUD_SECURITY_TOKEN"),
  },
  gcs: {
    access_token: secret("GOOGLE_OAUTH_ACCESS_TOKEN"),
    credentials: { isSecret: isJson, instead: "in the environment variable GOOGLE_CREDENTIALS" },
    encryption_key: secret("GOOGLE_ENCRYPTION_KEY"),
  },
  http: {
    address: IN_URL,
    client_private_key_pem: secret("TF_HTTP_CLIENT_PRIVATE_KEY_PEM"),
    "headers.Authorization": secret("TF_HTTP_PASSWORD"),
    lock_address: IN_URL,
    password: secret("TF_HTTP_PASSWORD"),
    unlock_address: IN_URL,
  },
  kubernetes: {
    client_key: secret("KUBE_CLIENT_KEY_DATA"),
    password: secret("KUBE_PASSWORD"),
    token: secret("KUBE_TOKEN"),
  },
  oss: {
    secret_key: secret("ALICLOUD_SECRET_KEY"),
    security_token: secret("ALICLOUD_SECURITY_TOKEN"),
  },
  pg: {
    conn_str: {
      isSecret: (value) =>
        [hasPasswordInUrl, hasPasswordLikePort, hasPasswordParameter].some((has) => has(value)),
      instead: "in the environment variable PGPASSWORD, or all of conn_str in PG_CONN_STR",
    },
  },
  remote: { token: { isSecret, instead: "in the environment variable TF_TOKEN_… of the host name" } },
  s3: {
    "assume_role_with_web_identity.web_identity_token": secret("AWS_WEB_IDENTITY_TOKEN_FILE"),
    http_proxy: proxy("HTTP_PROXY"),
    https_proxy: proxy("HTTPS_PROXY"),
    secret_key: secret("AWS_SECRET_ACCESS_KEY"),
    sse_customer_key: secret("AWS_SSE_CUSTOMER_KEY"),
    token: secret("AWS_SESSION_TOKEN"),
  },
};

function valueAt(settings: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split(".").reduce<unknown>((found, name) => memberOf(found, name), settings);
}

/** Names of headers are the same in any case. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

function isSecret(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/**
 * As in `postgres://user:password@host/database`. Also if the password has a `/`, `?` or `#` that is not escaped: no engine connects
 * with such a URL, but synth has written the password by then.
 */
function hasPasswordInUrl(value: unknown): boolean {
  return isLiteral(value) && (/:\/\/[^/?#@]*:[^/?#]*@/.test(value) || UNESCAPED.test(value));
}

/** From the first colon behind the scheme up to an `@`, unless a port is behind that colon. */
const UNESCAPED = /:\/\/[^/?#@:[]*:(?!\d+(?:[,/?#]|$))[^@]*@/;

/**
 * As in `postgres://user:1/password@host/database`, where a port and a path seem to come first. For PostgreSQL alone: names of
 * databases have no `@`, but paths of other URLs may have one.
 */
function hasPasswordLikePort(value: unknown): boolean {
  return isLiteral(value) && /:\/\/[^/?#@:[]*:[^@=]*@/.test(value);
}

/** As in `host=db.example.org password=…`, or in the query of a URL. */
function hasPasswordParameter(value: unknown): boolean {
  return isLiteral(value) && /(?:^|[\s?&])(?:ssl)?password\s*=\s*[^\s&]/i.test(value);
}

/** Other values are paths of files. */
function isJson(value: unknown): boolean {
  return isLiteral(value) && value.trimStart().startsWith("{");
}

function isLiteral(value: unknown): value is string {
  return typeof value === "string" && !Token.isUnresolved(value);
}
