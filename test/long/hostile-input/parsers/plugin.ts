import { join } from "node:path";
import { readManifest } from "../../../../lib/constructs/plugin/manifest";
import { hidingFiles } from "../../../../lib/shared/engine/cli-configuration";
import { withLockEntry } from "../../../../lib/shared/engine/lock-file";
import { providerInstallations } from "../../../../lib/shared/engine/provider-installation-blocks";
import { inFile } from "./files";
import type { Parser } from "./parser";
import { mailSni, never } from "./refusals";

export function pluginParsers(): Parser[] {
  const configuration = [
    'plugin_cache_dir = "/tmp"\nprovider_installation { # how\n  filesystem_mirror {\n    path = "/usr/share"\n    include = ["example.org/*/*"]\n  }\n}\n',
    '{"provider_installation":[{"direct":{"exclude":["example.org/*/*"]}}]}',
    '/* none */ credentials "app.terraform.io" { token = "a\\"b" } // end\n',
  ];
  const source = "registry.test/mail-sni/mailsni";
  return [
    {
      name: "a CLI configuration",
      seeds: configuration,
      throws: never,
      read: (input) => providerInstallations(input.toString()),
      repeats: ["/*", "//", '"\\', "provider_installation ", "provider_installation{", "}{"],
    },
    {
      name: "a CLI configuration, in its file",
      seeds: configuration,
      throws: never,
      read: (input) =>
        inFile("terraform.rc", input, (path) =>
          hidingFiles(source, "/", { HOME: "/root", TF_CLI_CONFIG_FILE: path } as never),
        ),
    },
    {
      name: "a dependency lock file",
      seeds: [
        `# This file is maintained automatically by "terraform init".\n\nprovider "${source}" {\n  version = "1.0.0"\n  hashes = [\n    "h1:0=",\n  ]\n}\n\nprovider "z.test/a/b" {\n}\n`,
      ],
      throws: never,
      read: (input) => withLockEntry(input.toString(), { source, version: "1.2.3", hash: "h1:1=" }),
      repeats: [`provider "${source}" {\n`, " a\n", "\n", 'provider "a" {\n'],
    },
    {
      name: "the manifest of the provider",
      seeds: ['{"version":"1.2.3","file":"manifest.json","h1":"h1:0=","schema":{}}', "null"],
      throws: mailSni,
      read: (input) => inFile("manifest.json", input, (path) => readManifest(join(path, ".."))),
      growth: 40,
    },
  ];
}
