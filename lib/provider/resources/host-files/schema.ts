import { CLAIMS_ON_HOST, ROLES } from "../../host/desired/change";
import { attribute, type Schema, type ValuesOf } from "../../protocol/schema/schema";

const owned = {
  owner: attribute.string({
    description:
      "User that owns it: a name or a number. Default: the user that the provider works as on the host.",
    optional: true,
    computed: true,
  }),
  group: attribute.string({
    description:
      "Group that it belongs to: a name or a number. Default: the group of the user that the provider works as on the host.",
    optional: true,
    computed: true,
  }),
};

const directory = {
  mode: attribute.string({
    description: "Permission bits in octal. Default: `0755`.",
    optional: true,
    computed: true,
  }),
  ...owned,
};

const file = {
  text: attribute.string({
    description:
      "Text contents, such as a server's configuration, up to 16 MiB. Plans show them, and drift as a difference of " +
      "text. Without it the contents are a PEM in `secrets`.",
    optional: true,
  }),
  service: attribute.string({
    description:
      "The host's service that reads the file. It is reloaded after a change; if that fails, the old file " +
      "is restored.",
    optional: true,
  }),
  mode: attribute.string({
    description: "Permission bits in octal. Default: `0644` for a text, `0600` for a PEM.",
    optional: true,
    computed: true,
  }),
  ...owned,
  on_destroy: attribute.choice(["remove", "keep"], {
    description:
      "`remove` (the default) or `keep`: what happens to the file when it is no longer declared. A file " +
      "that is kept has no owner from then on.",
    optional: true,
  }),
  sha256: attribute.string({
    description:
      "SHA-256 of the contents in lower-case hex: the current one of the host, or in a plan the future one.",
    computed: true,
  }),
};

const placeholder = {
  names: attribute.list("string", {
    description: "Host names of the self-signed certificate.",
    required: true,
  }),
  mode: attribute.string({ description: "Permission bits in octal. Default: `0600`.", optional: true }),
  owner: attribute.string({
    description: "User that owns it. Default: the user that the provider works as on the host.",
    optional: true,
  }),
  group: attribute.string({
    description:
      "Group that it belongs to. Default: the group of the user that the provider works as on the host.",
    optional: true,
  }),
  service: attribute.string({ description: "The host's service that reads the file.", optional: true }),
  config_file: attribute.string({
    description:
      "A configuration file that names the PEM. With it, both are created only if the service's " +
      "`default_certificate` prints nothing, that is, if the server has no certificate to present.",
    optional: true,
  }),
  config_text: attribute.string({ description: "Contents of `config_file`.", optional: true }),
};

export const attributes = {
  host: attribute.string({ description: "A key of the provider's `hosts`.", required: true }),
  role: attribute.choice(ROLES, {
    description:
      "`base` for the resource that prepares the host for the others and settles activations that no other " +
      "resource can settle; `default` for the certificate for clients without SNI, or with an unlisted " +
      "name. Not set for a certificate that is presented for its own names.",
    optional: true,
  }),
  state_id: attribute.string({
    description:
      "The `id` of a `mailsni_state_identity`, the same one for all resources of the state. The host's " +
      "ledger records by it which state owns a file, and refuses the file to resources of another state. " +
      "Without it, stacks of the same name take files from each other.",
    optional: true,
  }),
  directories: attribute.objectMap(directory, {
    description:
      "Directories by path. Parent directories of a file are created as needed and need not be declared.",
    optional: true,
  }),
  files: attribute.objectMap(file, {
    description: "Files by absolute path, without the host's `root`.",
    optional: true,
  }),
  links: attribute.map("string", {
    description: "Symbolic links: from an absolute path to a relative target, which is one of `files`.",
    optional: true,
  }),
  placeholders: attribute.objectMap(placeholder, {
    description:
      "Self-signed PEMs by path, created where no file exists, so that the server has a certificate to " +
      "start with. Never read back, and left in place when the resource is destroyed.",
    optional: true,
  }),
  names: attribute.list("string", {
    description:
      "Host names that every PEM of the resource must cover. A PEM that does not is refused before " +
      "anything is changed.",
    optional: true,
  }),
  secrets: attribute.map("string", {
    description:
      "PEMs by path: private key, leaf, chain. Each path is one of `files` without a text. An encrypted " +
      "key is decrypted with the environment variable `MAIL_SNI_KEY_PASSPHRASE`, or " +
      "`MAIL_SNI_OWN_KEY_PASSPHRASE` for your own, and written to the host unencrypted. Neither in the " +
      "plan nor in the state.",
    optional: true,
    writeOnly: true,
  }),
  claims_on_host: attribute.choice(CLAIMS_ON_HOST, {
    description:
      "For a resource whose files contain a program that writes further files on the host, and claims them in the ledger with " +
      "the resource's `id`: what happens to those at destroy. `release` leaves them there without an owner. `remove` removes those " +
      "that the program has noted as to be removed, and reloads the services that read them. Until then, updates leave " +
      "those claims alone.",
    optional: true,
  }),
  pending: attribute.string({
    description:
      "What is pending on the host: files that have changed and are not served yet, or a path that now has " +
      "another owner. Null if nothing is pending; otherwise the plan is not empty.",
    computed: true,
  }),
  missing: attribute.list("string", {
    description:
      "Paths in `files`, `links` and `directories` that do not exist on the host, although they were deployed. Their other " +
      "values are those of the last apply. The next apply restores them. Null if nothing is missing.",
    computed: true,
  }),
  id: attribute.string({ description: "The id of the resource in the host's ledger.", computed: true }),
};

export type HostFilesAttributes = typeof attributes;
export type HostFiles = ValuesOf<HostFilesAttributes>;
export type HostFile = NonNullable<HostFiles["files"]>[string];

export const schema: Schema<HostFilesAttributes> = {
  version: 0,
  description:
    "Files and links on one host, usually those of one certificate: checked, written beside their " +
    "targets, swapped in by rename, loaded by the servers that read them, confirmed by a handshake, and " +
    "restored if that fails.",
  attributes,
};
