import { chmodSync, existsSync, rmSync } from "node:fs";
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

  /** Resolves when a reload waits. */
  async waiting(): Promise<void> {
    const file = this.server.path("gate-waiting");
    while (!existsSync(file)) await delay(20);
    rmSync(file);
  }
}

const script = (server: Dovecot) => `#!/bin/sh
if [ "$3" = reload ] && [ -e ${server.path("gate-closed")} ]; then
  : >${server.path("gate-waiting")}
  while [ -e ${server.path("gate-closed")} ]; do sleep 0.05; done
  exit 1
fi
exec ${inRoot(server, "doveadm").join(" ")} "$@"
`;
