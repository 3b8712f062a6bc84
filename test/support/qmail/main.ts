import { QmailServer } from "./server";
import type { QmailProcessOptions } from "./spawn";

/** A server as a process of its own, until its standard input ends. Says its port as soon as it has one. */
async function main(options: QmailProcessOptions): Promise<void> {
  const server = await QmailServer.start(options);
  const { owner } = options;
  if (owner) {
    process.setgroups?.([owner.gid]);
    process.setgid?.(owner.gid);
    process.setuid?.(owner.uid);
  }
  process.stdout.write(`${server.port}\n`);
  process.stdin.resume().once("end", () => process.exit());
}

void main(JSON.parse(process.argv[2] ?? "{}"));
