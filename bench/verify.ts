import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { SniTableDocument } from "../lib/shared/sni-table/document";
import { combinedPem, type IssuedCertificate, issue } from "../test/support/certificates";
import { compiledApp, ROOT } from "./child";
import { inPairs, timed } from "./pairs";
import { ProcessWatch } from "./process-watch";
import { count, megabytes, type Row, row, seconds } from "./report";

const NAMES = 1000;
const PORTS = 4;
/** The command's own default. */
const CONNECTIONS = 4;
const COMMAND = join(ROOT, "dist/cli/mail-sni.cjs");
/** Of `openssl s_client`, one after the other. */
const SHELL_HANDSHAKES = 200;

/**
 * The time in which `mail-sni verify` asks four ports for a thousand names, next to bare handshakes with as many connections
 * at a time. The servers are in a process of their own; everything is on the loopback.
 */
export async function benchVerify(directory: string, times: number): Promise<Row[]> {
  const files = await project(directory);
  const servers = spawn(process.execPath, [compiledApp("tls-servers"), files.certificates, String(PORTS)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const ports = await portsOf(servers);
    writeFileSync(files.table, JSON.stringify(tableOf(files.names, ports)));
    let peakBytes = 0;
    const ours = async () => {
      const watch = new ProcessWatch(process.pid, COMMAND);
      const milliseconds = await timed(() => verify(files, NAMES * PORTS + PORTS * 5));
      peakBytes = Math.max(peakBytes, watch.stop().peakBytes);
      return milliseconds;
    };
    const bareArguments = [
      compiledApp("bare-handshakes"),
      files.namesFile,
      ports.join(","),
      String(CONNECTIONS),
    ];
    const bare = () => timed(() => run(process.execPath, bareArguments));
    await inPairs(1, ours, bare);
    const comparison = await inPairs(times, ours, bare);
    const [port = 0] = ports;
    const shell = await timed(() => shellLoop(files.names.slice(0, SHELL_HANDSHAKES), port));
    const handshakes = count(NAMES * PORTS);
    return [
      row(
        `verify: ${handshakes} handshakes, ${CONNECTIONS} at a time`,
        comparison,
        "bare tls.connect",
        MOST_TIMES,
      ),
      {
        measured: "… a handshake",
        ours: perHandshake(comparison.ours, NAMES * PORTS),
        compared: `${perHandshake(shell, SHELL_HANDSHAKES)} (openssl s_client in a shell loop)`,
        ratio: comparison.ours / (NAMES * PORTS) / (shell / SHELL_HANDSHAKES),
      },
      {
        measured: "… its peak memory",
        ours: megabytes(peakBytes),
        target: { text: "at most 150 MB", met: peakBytes <= 150e6 },
      },
    ];
  } finally {
    servers.stdin?.end();
    await once(servers, "close");
  }
}

const MOST_TIMES = 1.5;
const run = promisify(execFile);

interface Files {
  readonly names: readonly string[];
  readonly namesFile: string;
  readonly certificates: string;
  readonly root: string;
  readonly table: string;
  readonly facts: string;
}

/** A certificate of one CA for each name, and what a stack would have written about them. */
async function project(directory: string): Promise<Files> {
  const names = Array.from({ length: NAMES }, (_, index) => `imap.domain${index + 1}.test`);
  const notAfter = new Date(Date.now() + 60 * 86_400_000);
  const ca = await issue({ subject: "CN=Bench CA", ca: true, notAfter });
  const leaves: [name: string, leaf: IssuedCertificate][] = [];
  for (const name of names)
    leaves.push([name, await issue({ subject: `CN=${name}`, issuer: ca, dnsNames: [name], notAfter })]);
  const file = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const facts = leaves.map(([name, { fingerprint }]) => [
    domainOf(name),
    { fingerprint_sha256: fingerprint, not_after: notAfter.toISOString() },
  ]);
  const value = { version: 1, certificates: Object.fromEntries(facts), pending: {} };
  return {
    names,
    namesFile: file("names.json", JSON.stringify(names)),
    certificates: file(
      "certificates.json",
      JSON.stringify(Object.fromEntries(leaves.map(([name, leaf]) => [name, combinedPem(leaf)]))),
    ),
    root: file("root.pem", ca.pem),
    table: join(directory, "sni-table.json"),
    facts: file("facts.json", JSON.stringify({ mail_sni: { sensitive: false, value } })),
  };
}

function domainOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function tableOf(names: readonly string[], ports: readonly number[]): SniTableDocument {
  const service = {
    service: "bench",
    endpoints: ports.map((port) => ({ port, protocol: "tls" as const, sni: true })),
    default: domainOf(names[0] as string),
    names: names.map((name) => ({ name, certificate: domainOf(name) })),
  };
  return {
    version: 1,
    hosts: [{ stack: "bench", host: "mx1", services: [service] }],
    acknowledged: [],
    leftOut: [],
  };
}

async function portsOf({ stdout }: ChildProcess): Promise<number[]> {
  if (stdout === null) throw new Error("The servers have no output.");
  const [line] = await once(createInterface(stdout), "line");
  return JSON.parse(line);
}

async function verify({ table, facts, root }: Files, handshakes: number): Promise<void> {
  const from = ["--table", table, "--facts", facts, "--ca", root, "--no-system-roots"];
  const { stdout } = await run(process.execPath, [COMMAND, "verify", ...from, "--connect", "127.0.0.1"]);
  if (!stdout.includes(`${handshakes} of ${handshakes} handshakes are right`)) throw new Error(stdout);
}

/** As an administrator writes it. */
async function shellLoop(names: readonly string[], port: number): Promise<void> {
  const script =
    'port=$1; shift; for name; do openssl s_client -connect "127.0.0.1:$port" -servername "$name" </dev/null >/dev/null 2>&1 || exit 1; done';
  await run("sh", ["-c", script, "sh", String(port), ...names]);
}

function perHandshake(milliseconds: number, handshakes: number): string {
  const each = milliseconds / handshakes;
  return each < 10 ? `${each.toFixed(2)} ms` : seconds(each);
}
