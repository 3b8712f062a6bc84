import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";

/** The files stay, and are served when an administrator starts the service. */
export function notRunning(service: string): Problem {
  return {
    summary: SERVICE.notRunning(service),
    detail: "The new files are in place; it serves them when it is started.",
  };
}

/** The service refused its configuration before. The files stay until it is repaired. */
export function brokenBefore(service: string, { detail }: Problem, isPending: boolean): Problem {
  return {
    summary: SERVICE.brokenBefore(service),
    detail: isPending
      ? `${detail}\nThe new files are in place and their activation is pending: fix what the message names and apply again.`
      : `${detail}\nNothing has been changed for it: fix what the message names and apply again.`,
  };
}

/** The old files were restored, but the service could not be activated for them. The next apply retries. */
export function oldFilesNotReloaded(service: string, { summary, detail }: Problem): Problem {
  return {
    summary: SERVICE.oldFilesNotReloaded(service),
    detail: `${summary}. ${detail}\nThe host's ledger records that: fix what the message names and apply again.`,
  };
}

/** The service ended after its activation. A restart by an administrator does not settle the activation. */
export function ended(service: string): Problem {
  return {
    summary: SERVICE.ended(service),
    detail:
      "The new files are in place and their activation is pending. See its log, start it, and apply again.",
  };
}
