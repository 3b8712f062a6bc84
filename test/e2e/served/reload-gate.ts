import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Dovecot } from "../../support/dovecot";
import { inRoot } from "./dovecot-host";

/** Stands before `doveadm`, so that a reload can be caught after the files were swapped, and before Dovecot is told. */
export class ReloadGate {
  constructor(private readonly server: Dovecot) {
    server.write("gate", script(server));
    chmodSync(server.path("gate"), 0o755);
  }

  /** What the stack has in place of `doveadm`. */
  get command(): string[] {
    return [this.server.path("gate")];
  }

  /** From now on a reload waits, and fails once it may go on. */
  close(): void {
    this.server.write("gate-closed", "");
  }

  open(): void {
    this.server.remove("gate-closed");
  }

  /** Waits until a reload waits. @returns the process id of the provider that asked for it */
  async provider(): Promise<number> {
    const file = this.server.path("gate-waiting");
    while (!existsSync(file)) await delay(20);
    let pid = Number(readFileSync(file, "utf8"));
    rmSync(file);
    while (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("terraform-provider-mailsni")) {
      pid = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    }
    return pid;
  }
}

const script = (server: Dovecot) => `#!/bin/sh
if [ "$3" = reload ] && [ -e ${server.path("gate-closed")} ]; then
  echo $PPID >${server.path("gate-new")} && mv ${server.path("gate-new")} ${server.path("gate-waiting")}
  while [ -e ${server.path("gate-closed")} ]; do sleep 0.05; done
  exit 1
fi
exec ${inRoot(server, "doveadm").join(" ")} "$@"
`;
