import { attribute, type Schema, type ValuesOf } from "../../protocol/schema/schema";

const owned = {
  owner: attribute.string({
    description: "User that owns it: a name or a number. Whoever runs, if not set.",
    optional: true,
    computed: true,
  }),
  group: attribute.string({
    description: "Group that it belongs to: a name or a number. That of whoever runs, if not set.",
    optional: true,
    computed: true,
  }),
};

const directory = {
  mode: attribute.string({
    description: "Permission bits in octal. `0755` by default.",
    optional: true,
    computed: true,
  }),
  ...owned,
};

const file = {
  text: attribute.string({
    description:
      "Readable contents, such as a server's configuration: shown in plans, and drift as a difference of text. " +
      "Without it the contents are a PEM in `secrets`.",
    optional: true,
  }),
  service: attribute.string({
    description:
      "The host's service that reads the file: it is told of a change, and put back in order if that fails.",
    optional: true,
  }),
  mode: attribute.string({
    description: "Permission bits in octal. `0644` by default for a text, `0600` for a PEM.",
    optional: true,
    computed: true,
  }),
  ...owned,
  on_destroy: attribute.string({
    description:
      "`remove` (the default) or `keep`: what happens to the file when it is no longer declared. One that is kept " +
      "has no owner from then on.",
    optional: true,
  }),
  sha256: attribute.string({
    description:
      "SHA-256 of the contents in lower-case hex: what is on the host, and in a plan what will be.",
    computed: true,
  }),
};

const placeholder = {
  names: attribute.list("string", {
    description: "Host names of the self-signed certificate.",
    required: true,
  }),
  mode: attribute.string({ description: "Permission bits in octal. `0600` by default.", optional: true }),
  owner: attribute.string({ description: "User that owns it. Whoever runs, if not set.", optional: true }),
  group: attribute.string({
    description: "Group that it belongs to. That of whoever runs, if not set.",
    optional: true,
  }),
  service: attribute.string({ description: "The host's service that reads the file.", optional: true }),
  config_file: attribute.string({
    description:
      "A configuration file that names the PEM. With it, both are made only where the service's " +
      "`default_certificate` prints nothing, that is, where the server has no certificate to show.",
    optional: true,
  }),
  config_text: attribute.string({ description: "Contents of `config_file`.", optional: true }),
};

export const attributes = {
  host: attribute.string({ description: "A key of the provider's `hosts`.", required: true }),
  role: attribute.string({
    description:
      "`base` for the resource that prepares the host for the others and settles activations that no other " +
      "resource can settle; `default` for the certificate for clients without SNI, or with an unlisted name. Not set for " +
      "a certificate that is served for its own names.",
    optional: true,
  }),
  state_id: attribute.string({
    description:
      "The `id` of a `mailsni_state_identity`, the same one for all resources of the state. The host's ledger knows by it " +
      "which state a file belongs to, and a resource of another state is not given the file. Without it, resources of " +
      "stacks of the same name take files from each other.",
    optional: true,
  }),
  directories: attribute.objectMap(directory, {
    description:
      "Directories by path. Those above a file are made as they are needed, and need not be declared.",
    optional: true,
  }),
  files: attribute.objectMap(file, {
    description: "Files by absolute path, without the host's `root`.",
    optional: true,
  }),
  links: attribute.map("string", {
    description: "Symbolic links: from absolute path to a relative target, which is one of `files`.",
    optional: true,
  }),
  placeholders: attribute.objectMap(placeholder, {
    description:
      "Self-signed PEMs by path, made where nothing is so that a server has a certificate at all. Never read back, and " +
      "left in place when the resource is destroyed.",
    optional: true,
  }),
  names: attribute.list("string", {
    description:
      "Host names that every PEM here has to cover; one that does not is refused before anything is changed.",
    optional: true,
  }),
  secrets: attribute.map("string", {
    description:
      "PEMs by path: private key, leaf, chain. Each path is one of `files` without a text. A key that is encrypted is opened " +
      "with the environment variable `MAIL_SNI_KEY_PASSPHRASE`, or `MAIL_SNI_OWN_KEY_PASSPHRASE` for your own: hosts are given it as it is. Neither in the plan nor in the " +
      "state.",
    optional: true,
    writeOnly: true,
  }),
  pending: attribute.string({
    description:
      "What is still pending on the host: files that have changed and are not served yet, or a path that has " +
      "another owner by now. Null if nothing is pending; anything else makes the plan non-empty.",
    computed: true,
  }),
  id: attribute.string({ description: "Names the resource in the host's ledger.", computed: true }),
};

export type HostFilesAttributes = typeof attributes;
export type HostFiles = ValuesOf<HostFilesAttributes>;
export type HostFile = NonNullable<HostFiles["files"]>[string];

export const schema: Schema<HostFilesAttributes> = {
  version: 0,
  description:
    "Files and links on one host, commonly those of one certificate: checked, written beside their targets, swapped in " +
    "by rename, made known to the servers that read them, confirmed by a handshake, and put back where that fails.",
  attributes,
};
