/** Which folder may import which: see "Layout" in docs/architecture.md. Types count. */
const FORBIDDEN = [
  {
    name: "storeys",
    comment:
      "Constructs, provider and command meet in JSON and in the provider's manifest: what more than one of them needs is in lib/shared.",
    from: { path: "^lib/(constructs|provider|cli)/" },
    to: { path: "^lib/(constructs|provider|cli)/", pathNot: "^lib/$1/" },
  },
  {
    name: "ground",
    comment: "lib/shared is what the others stand on: it imports none of them.",
    from: { path: "^lib/shared/" },
    to: { path: "^lib/", pathNot: "^lib/shared/" },
  },
  {
    name: "provider-without-cdktf",
    comment: "The provider runs without cdktf, and so does what it shares with the constructs.",
    from: { path: "^lib/(provider|cli|shared)/" },
    to: { path: "^node_modules/(cdktf|constructs|@cdktf)/" },
  },
  {
    name: "protocol",
    comment: "The plugin protocol knows nothing of mail or certificates.",
    from: { path: "^lib/provider/protocol/" },
    to: {
      path: "^lib/",
      pathNot:
        "^lib/(provider/protocol/|shared/(log|socket-path|abandoned-sockets|is-record|summary|der|der-values|pem-block|grouping)\\.ts$|shared/text/printable\\.ts$)",
    },
  },
  {
    name: "acme-without-terraform",
    comment: "Ordering certificates knows nothing of Terraform.",
    from: { path: "^lib/provider/acme/" },
    to: { path: "^lib/provider/(protocol|resources)/" },
  },
  {
    name: "transport-without-mail",
    comment: "A shell on a host knows neither ledger nor mail: the command opens connections with it too.",
    from: { path: "^lib/shared/transport/" },
    to: { path: "^lib/shared/", pathNot: "^lib/shared/(transport|tls|errors|text)/|^lib/shared/[^/]+$" },
  },
  {
    name: "no-file-cycles",
    comment: "A file that is imported by what it imports cannot be understood alone.",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-folder-cycles",
    comment: "The same for folders.",
    scope: "folder",
    from: {},
    to: { circular: true },
  },
];

module.exports = {
  forbidden: FORBIDDEN.map((rule) => ({ severity: "error", ...rule })),
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^lib/constructs/bindings/mailsni/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
  },
};
