import { join } from "node:path";
import { issuingHostsOf } from "../../../../lib/cli/inputs/issuing-hosts";
import { Project, parseProjectFile } from "../../../../lib/cli/inputs/project";
import { parsePublicFacts } from "../../../../lib/cli/inputs/public-facts";
import { hostsOf } from "../../../../lib/cli/inputs/stack-hosts";
import { declaredJournal } from "../../../../lib/cli/inputs/stack-journal";
import { readTable, stacksOf, withStacks } from "../../../../lib/cli/inputs/table";
import { literalOf } from "../../../../lib/cli/inputs/template";
import { Overview } from "../../../../lib/cli/status/overview/overview";
import { jsonReport } from "../../../../lib/cli/status/reports/json";
import { textReport } from "../../../../lib/cli/status/reports/text";
import { inDirectory, inFile } from "./files";
import type { Parser } from "./parser";
import { checkPlain } from "./printed";
import { cli, never } from "./refusals";

const TABLE = {
  version: 1,
  hosts: [
    {
      stack: "mail",
      host: "mx1",
      services: [
        {
          service: "dovecot",
          endpoints: [{ port: 993, protocol: "tls", sni: true }],
          default: "a.test",
          names: [
            { name: "a.test", certificate: "a.test" },
            { name: "b.test", file: "/etc/ssl/b.pem", reason: "a block" },
            { name: "c.test", refused: true, reason: "no entry", optional: true },
          ],
        },
      ],
    },
  ],
  acknowledged: [{ code: "SNI009", at: "mail/sni", reason: "known", subject: "a.test" }],
  leftOut: [{ file: "domains.txt", row: "d.test", reason: "no" }],
};
const FACTS = {
  version: 1,
  certificates: {
    "a.test": {
      fingerprint_sha256: "ab".repeat(32),
      issuer: "https://ca.test/directory",
      not_after: "2027-02-27T11:15:40Z",
      renew_at: "2027-01-28T11:15:40+01:00",
      hosts: ["mx1"],
    },
  },
  pending: { mx1: ["the reload of dovecot"] },
};
const HOST = {
  address: "root@mx1:22",
  host_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"],
  become: ["sudo", "-n"],
  root: "/srv/$${x}",
  ownership: "skip",
  services: { dovecot: { endpoints: [{ port: 993, address: "192.0.2.1" }] } },
};
const STACK = {
  provider: { mailsni: [{ hosts: { mx1: HOST }, journal: { directory: "~/journal", hosts: ["mx1"] } }] },
  resource: {
    mailsni_host_job: {
      a: {
        host: "mx1",
        result_file: "/var/lib/a",
        command: ["renewal", "run"],
        certificates: { "a.test": {} },
      },
    },
  },
};

/** What a project has: what cdktf and the constructs write, and outputs of an engine. */
export function projectParsers(): Parser[] {
  return [
    {
      name: "cdktf.json",
      seeds: [
        '{"output":"out","context":{"mail-sni:table":"table"}}',
        '{"context":{"mail-sni:table":false}}',
      ],
      throws: cli,
      read: (input) =>
        inDirectory({ "cdktf.json": input }, (directory) => {
          const project = Project.in(directory, {});
          return [project?.outputDirectory, project?.tablePath];
        }),
      repeats: ["../", '"a":1,'],
    },
    {
      name: "the manifest of a synth",
      seeds: [
        '{"stacks":{"mail":{"workingDirectory":"stacks/mail"},"other":{"workingDirectory":"stacks/b"}}}',
      ],
      throws: cli,
      read: (input) =>
        inDirectory({ "manifest.json": input }, (directory) => {
          const project = Project.copiedTo(directory);
          const stacks = project.stacks();
          const out = stacks.find((stack) => !`${stack.directory}/`.startsWith(`${directory}/`));
          if (out !== undefined) throw new Error(`${out.directory} is not below ${directory}`);
          return [stacks, project.stack("mail")];
        }),
      repeats: ["../", '"a":{"workingDirectory":"a"},'],
      // Each stack has the absolute path of its directory.
      growth: 60,
    },
    {
      name: "a stack's document",
      seeds: [JSON.stringify(STACK), JSON.stringify(STACK, null, 1)],
      throws: cli,
      read: (input) =>
        inDirectory({ "cdk.tf.json": input }, (directory) => {
          const stack = { name: "mail", directory };
          const journal = parseProjectFile(join(directory, "cdk.tf.json"), declaredJournal);
          const hosts = [...hostsOf(stack)].map(([name, host]) => [
            name,
            typeof host === "string" ? host : [host.ssh, host.hasServers, host.addressOf("dovecot", 993)],
          ]);
          return [journal ?? null, hosts, issuingHostsOf(stack)];
        }),
      repeats: ['"a":{},', "${a}", "$${", '"a",', "a@", "a,"],
      growth: 100,
    },
    {
      name: "a template of an engine",
      seeds: ["/srv/$${x}/%%{y}", "${file(a)}"],
      throws: never,
      read: (input) => literalOf(input.toString()),
      repeats: ["$", "${", "$${", "%{", "%%{"],
    },
    {
      name: "the table of who is served what",
      seeds: [JSON.stringify(TABLE)],
      throws: cli,
      read: (input) =>
        inFile("sni-table.json", input, (path) => {
          const table = readTable(path);
          return [table, withStacks(table, stacksOf(table)), tried(() => withStacks(table, ["none"]))];
        }),
      repeats: ['{"name":"a","refused":true},', '"a",', '"a":1,'],
      growth: 60,
    },
    {
      name: "the public facts of a stack, to the reports of them",
      seeds: [JSON.stringify(FACTS), JSON.stringify({ mail_sni: { value: FACTS, sensitive: false } })],
      throws: cli,
      read: (input) => {
        const facts = parsePublicFacts(input.toString(), "facts.json");
        const options = { at: new Date("2026-11-30T00:00:00Z"), runIntervalMs: 86_400_000 };
        const overview = new Overview([{ stack: "mail", facts }], [], options as never);
        const text = textReport(overview, {
          terminal: { hasColour: false, hasProgress: false },
          isAll: false,
        });
        checkPlain(text + jsonReport(overview));
        return [facts, text];
      },
      repeats: ['"a":{},', '"a",', '"a":[],'],
      growth: 100,
    },
  ];
}

function tried(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!cli(error)) throw error;
    return error;
  }
}
