import { attribute, type Schema, type ValuesOf } from "../../protocol/schema/schema";

const row = {
  status: attribute.string({ description: "`ok`, `failed` or `pending`.", computed: true }),
  not_after: attribute.string({
    description: "When the row's certificate expires (RFC 3339); null without a certificate.",
    computed: true,
  }),
  fingerprint_sha256: attribute.string({
    description: "The SHA-256 fingerprint of that certificate in lower-case hex; null without a certificate.",
    computed: true,
  }),
  message: attribute.string({
    description: "Why the row failed, or what is pending; null if nothing is said.",
    computed: true,
  }),
};

const certificate = {
  names: attribute.list("string", {
    description: "The host names that clients send for it, without wildcards.",
    required: true,
  }),
  services: attribute.list("string", {
    description: "The services of the host that present it.",
    required: true,
  }),
  is_default: attribute.bool({
    description: "Whether clients without SNI, or with an unlisted name, are presented it as well.",
    optional: true,
  }),
};

export const attributes = {
  host: attribute.string({ description: "A key of the provider's `hosts`.", required: true }),
  command: attribute.list("string", {
    description:
      "The program and its arguments, run without a shell, as the user that the provider works as on the host. Other users of " +
      "the host can see the arguments: write no secrets there. Exit status 75 means that it cannot run now: it is started again " +
      "after a while.",
    required: true,
  }),
  trigger: attribute.string({
    description: "Any text, such as a hash of what the command reads. The job runs again when it changes.",
    required: true,
  }),
  result_file: attribute.string({
    description:
      "The absolute path of a file that the command writes, without the host's `root`. Without it, the exit status alone counts.",
    optional: true,
  }),
  certificates: attribute.objectMap(certificate, {
    description:
      "What the host's services have to present when the job has succeeded, by the name of the row with the fingerprint. For the " +
      "data source `mailsni_served_certificates`; the job does not depend on it.",
    optional: true,
  }),
  id: attribute.string({ description: "The name of the job's directory on the host.", computed: true }),
  exit_status: attribute.number({
    description:
      "How the last run ended: that of the result file, if there is one. Null if the job is not run.",
    computed: true,
  }),
  finished_at: attribute.string({
    description: "When the last run ended, by the clock of the host (RFC 3339).",
    computed: true,
  }),
  results: attribute.objectMap(row, {
    description:
      "The rows of the result file by name. A refresh reads the file again, so that it also shows what later runs have " +
      "done that the host has started itself. Null without a `result_file`.",
    computed: true,
  }),
  pending: attribute.string({
    description:
      "Why the job has to run again: it has failed or was killed, or rows are not `ok`. Null if it does not have to; otherwise the " +
      "plan is not empty, and the next apply runs it.",
    computed: true,
  }),
};

export type HostJobAttributes = typeof attributes;
export type HostJob = ValuesOf<HostJobAttributes>;

export const schema: Schema<HostJobAttributes> = {
  version: 0,
  description:
    "A command that an apply runs on a host, such as one that renews the host's own certificates. It goes on when the " +
    "connection is lost or the apply is killed, and the next apply waits for it instead of starting it twice.",
  attributes,
};
