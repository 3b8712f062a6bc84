import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Certificates } from "../../../lib/cli/import/findings/certificates";
import { declarationsOf } from "../../../lib/cli/import/findings/declarations";
import { HostLook } from "../../../lib/cli/import/gather/host-look";
import { type Listener, listenersIn } from "../../../lib/cli/import/gather/listeners";
import lookScript from "../../../lib/cli/import/gather/look.sh";
import { readHost } from "../../../lib/cli/import/host/read-host";
import { printedStack } from "../../../lib/cli/import/stack/stack";
import { Transports } from "../../../lib/shared/transport/ssh/transports";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { ownNetworks } from "../../support/cuttable-network";
import { describeIf } from "../../support/requirements";
import { type ArticleHost, healthyHost, type TestCa, testCa } from "./support/article";
import { programOf } from "./support/imported";

const at = (port: number, address: string | null = null): Listener => ({ port, address });

describe("listenersIn", () => {
  it.each<[string, Listener | undefined]>([
    ["0.0.0.0:993", at(993)],
    ["*:993", at(993)],
    ["[::]:993", at(993)],
    ["192.0.2.1:25", at(25, "192.0.2.1")],
    ["192.0.2.1%eth0:25", at(25, "192.0.2.1")],
    ["[2001:db8::1]:25", at(25, "2001:db8::1")],
    ["[fe80::1]%eth0:25", at(25, "fe80::1")],
    ["[::ffff:192.0.2.1]:25", at(25, "192.0.2.1")],
    ["127.0.0.1:4190", undefined],
    ["127.0.0.53%lo:53", undefined],
    ["[::1]:25", undefined],
    ["example.org:25", undefined],
    ["0.0.0.0:0", undefined],
    ["0.0.0.0:65536", undefined],
    ["", undefined],
  ])("GIVEN %s THEN it is %j", (text, listener) => {
    expect(listenersIn([`P\t${text}`])).toEqual(listener === undefined ? [] : [listener]);
  });

  it("GIVEN no answer, or none of ss THEN nothing is known", () => {
    expect(listenersIn(undefined)).toBeNull();
    expect(listenersIn([""])).toBeNull();
  });

  it("GIVEN any text THEN only ports and plain addresses come of it", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        for (const { port, address } of listenersIn(texts.map((text) => `P\t${text}`)) ?? []) {
          expect(port).toBeGreaterThan(0);
          expect(address ?? "").toMatch(/^[\da-f.:]*$/i);
        }
      }),
    );
  });
});

describeIf(ownNetworks, "a host with programs that listen", () => {
  /** Listens in a network of its own, and runs the script there. */
  const said = (listening: readonly string[], root: string) => {
    const server = `const net = require("node:net"), [script, root, ...places] = process.argv.slice(1);
      Promise.all(places.map((place) => {
        const [, host, port] = /^(.*)=(\\d+)$/.exec(place);
        return new Promise((done) => net.createServer().listen(Number(port), host, done));
      })).then(() => {
        const { stdout } = require("node:child_process").spawnSync("sh", ["-c", script, "sh", "listeners", root]);
        process.stdout.write(stdout, () => process.exit());
      });`;
    const { stdout, stderr } = spawnSync(
      "unshare",
      [
        ...["-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
        ...[process.execPath, "-e", server, lookScript, root, ...listening],
      ],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    return listenersIn(stdout.split("\n"));
  };

  it("THEN the script prints where", () => {
    const found = said(["0.0.0.0=993", "::=587", "127.0.0.1=4190", "127.0.0.1=143", "::1=25"], "");
    expect(found?.sort((one, other) => one.port - other.port)).toEqual([at(587), at(993)]);
  });

  it("GIVEN another root THEN it prints nothing: the programs are not those of the files", () => {
    expect(said(["0.0.0.0=993"], "/mnt")).toBeNull();
  });
});

describe("the printed stack", () => {
  let ca: TestCa;
  let host: ArticleHost | undefined;
  beforeAll(async () => {
    ca = await testCa();
  });
  afterEach(() => host?.remove());

  /** The program for a healthy host on which these ports are open. */
  async function programFor(listeners: readonly Listener[] | null): Promise<string> {
    host = await healthyHost(ca, "2.3", 1);
    const transports = new Transports();
    const session = await transports.to({}).open(60_000);
    try {
      const facts = { ...(await readHost(new HostLook(session, host.root))), listeners };
      const certificates = new Certificates(facts, new Date());
      const { declared } = declarationsOf(facts, certificates);
      const state = { file: null, lines: [], findings: [], domains: new Set<string>(), caOrigin: null };
      const { program } = printedStack(
        facts,
        declared,
        certificates,
        { address: "root@mx1.domain1.tld", root: "/" },
        { kind: "elsewhere" },
        state,
      );
      return program ?? "";
    } finally {
      await session.close();
      await transports.close();
    }
  }

  interface ServiceBlock {
    readonly endpoints: readonly {
      readonly port: number;
      readonly address?: string;
      readonly sni?: boolean;
    }[];
  }

  /** The endpoints of each service, as the stack has them once it is synthesized. */
  function endpointsOf(program: string): Record<string, ServiceBlock["endpoints"]> {
    const printed = programOf(program);
    expect(typeErrors([printed])).toEqual([]);
    const project = new Project({});
    try {
      const { provider } = project.run(printed).stacks.mail as unknown as {
        provider: { mailsni: { hosts: Record<string, { services: Record<string, ServiceBlock> }> }[] };
      };
      const [block] = Object.values(provider.mailsni[0]?.hosts ?? {});
      return Object.fromEntries(
        Object.entries(block?.services ?? {}).map(([name, { endpoints }]) => [name, endpoints]),
      );
    } finally {
      project.remove();
    }
  }

  const EVERY_PORT = [25, 465, 587, 993, 995, 143, 110, 4190].map((port) => at(port));

  it.each<[string, Listener[] | null]>([
    ["are not known", null],
    ["are all the usual ones", EVERY_PORT],
    ["are those of other programs", [at(22), at(80)]],
  ])("GIVEN ports that %s THEN it has no endpoints", async (_, listeners) => {
    const program = await programFor(listeners);
    expect(program).toContain("Qmail.standard(");
    expect(program).not.toContain("endpoints");
    expect(program).not.toContain("MailProtocol");
  });

  it("GIVEN servers without POP3, ManageSieve and port 465 THEN it has the others", async () => {
    const endpoints = endpointsOf(await programFor([at(22), at(25), at(587), at(993), at(143)]));
    const ports = Object.entries(endpoints).map(([name, list]) => [name, list.map(({ port }) => port)]);
    expect(Object.fromEntries(ports)).toEqual({ qmail: [587, 25], dovecot: [993, 143] });
  });

  it("GIVEN a server at one address only THEN the endpoint has it", async () => {
    const there = [at(993, "2001:db8::1"), at(993, "192.0.2.1"), at(143), at(143, "192.0.2.1"), at(465)];
    const program = await programFor(there);
    const { dovecot, qmail } = endpointsOf(program);
    expect(dovecot).toMatchObject([{ port: 993, address: "192.0.2.1" }, { port: 143 }]);
    expect(dovecot?.[1]).not.toHaveProperty("address", "192.0.2.1");
    expect(qmail).toMatchObject([{ port: 465, sni: false }]);
    expect(program).toContain("mail-sni verify expects an answer at each");
  });
});
