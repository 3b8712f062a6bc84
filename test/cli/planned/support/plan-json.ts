import type { StackPlan } from "../../../../lib/cli/planned/planned-change";
import { PlanReader } from "../../../../lib/cli/planned/read-plan";

/** A text that stands for a private key: it must be in nothing that is read from a plan. */
export const MARKER = "PLANTED-KEY";
export const OURS = "mail-sni.invalid/mail-sni/mailsni";

type Json = Readonly<Record<string, unknown>>;

/** An element of `resource_changes`, in the order of the engines. */
export function resource(type: string, name: string, change: Json, more: Json = {}): Json {
  return {
    address: `${type}.${name}`,
    mode: "managed",
    type,
    name,
    provider_name: OURS,
    change: {
      actions: ["update"],
      before: null,
      after: null,
      after_unknown: {},
      before_sensitive: { private_key_pem: true },
      after_sensitive: { private_key_pem: true },
      ...change,
    },
    ...more,
  };
}

/** What `show -json` writes, with keys in the parts that no reader needs. */
export function planJson(changes: readonly Json[], more: Json = {}): Json {
  const values = { root_module: { resources: [{ address: "x.y", values: { key: MARKER } }] } };
  return {
    format_version: "1.2",
    terraform_version: "1.11.4",
    variables: { key: { value: MARKER } },
    planned_values: values,
    resource_changes: changes,
    output_changes: { mail_sni: { actions: ["update"], before: MARKER, after: MARKER } },
    prior_state: { format_version: "1.0", values },
    configuration: { provider_config: { mailsni: { expressions: { key: { constant_value: MARKER } } } } },
    errored: false,
    ...more,
  };
}

export const FILES_BEFORE = {
  host: "mx1",
  role: null,
  names: ["a.test", "www.a.test"],
  files: {
    "/etc/a.conf": { sha256: "11", text: MARKER, service: "dovecot", mode: "0644", owner: null, group: null },
    "/etc/a.pem": { sha256: "22", text: null, service: "qmail", mode: "0640", owner: null, group: "vchkpw" },
  },
  links: { "/etc/b.pem": "a.pem" },
  directories: { "/etc/certs": { mode: "0755", owner: null, group: "vchkpw" } },
  placeholders: { "/etc/default.pem": { config_text: MARKER, names: [MARKER] } },
  pending: null,
  secrets: null,
  id: "abc",
  state_id: MARKER,
};

export const CERTIFICATE_BEFORE = {
  account_url: MARKER,
  names: ["a.test"],
  optional_names: ["www.a.test"],
  dns_names: ["a.test", "www.a.test"],
  certificate_pem: MARKER,
  private_key_pem: `-----BEGIN PRIVATE KEY-----\n${MARKER}\n\\"`,
  fingerprint_sha256: "ab",
  not_after: "2027-02-27T11:15:40Z",
  renew_at: "2027-01-28T11:15:40Z",
  renewal_due: true,
  reissue_reason: "due",
};

/** A plan with each kind of thing, and keys wherever they could be. */
export const SAMPLE = planJson(
  [
    resource("mailsni_host_files", "d_a_test__mx1", {
      before: FILES_BEFORE,
      after: { ...FILES_BEFORE, files: { "/etc/a.pem": { text: null, mode: "0600", on_destroy: "keep" } } },
      after_unknown: { files: { "/etc/a.pem": { sha256: true } }, pending: true },
    }),
    resource("mailsni_acme_certificate", "c_a_test", {
      before: CERTIFICATE_BEFORE,
      after: { ...CERTIFICATE_BEFORE, certificate_pem: undefined, private_key_pem: `${MARKER}-2` },
      after_unknown: { certificate_pem: true },
    }),
    resource("mailsni_private_ca", "ca", {
      before: { private_key_pem: MARKER },
      after: { private_key_pem: "" },
    }),
    resource(
      "mailsni_host_files",
      "foreign",
      { actions: ["delete", "create"], before: { names: [MARKER] }, after: { names: [`${MARKER}-2`] } },
      { provider_name: "registry.terraform.io/other/mailsni", action_reason: "replace_because_tainted" },
    ),
    resource(
      "mailsni_served_certificates",
      "served__mx1",
      {
        actions: ["read"],
        after: { host: "mx1", status: "asked", mismatch_count: 2, mismatches: [{ message: MARKER }] },
      },
      { mode: "data", address: "data.mailsni_served_certificates.served__mx1" },
    ),
  ],
  {
    resource_drift: [
      resource(
        "local_file",
        "x",
        { before: { content: MARKER }, after: { content: "" } },
        { provider_name: "l" },
      ),
    ],
  },
);

/** Reads a document, in pieces of so many bytes. */
export function read(document: Json | Buffer, pieceBytes = Number.POSITIVE_INFINITY): StackPlan {
  const bytes = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
  const reader = new PlanReader("The plan of stack mail");
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    reader.write(bytes.subarray(from, Math.min(from + pieceBytes, bytes.length)));
  }
  return reader.end();
}

/** All that a plan holds, as one text. */
export function everythingIn(plan: StackPlan): string {
  return JSON.stringify(plan, (_, value) => (value instanceof Map ? [...value] : value));
}
