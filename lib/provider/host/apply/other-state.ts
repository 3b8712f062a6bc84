import type { KnownState } from "../record/states";

/** The environment variable that names the states whose files an apply takes over, separated by commas. */
export const TAKE_OVER_VARIABLE = "MAIL_SNI_TAKE_OVER";

/** Names a state, the time of its last change of the host, and the machine. */
export function lastWrite({ id, wroteAt, machine }: KnownState): string {
  return `the Terraform state ${id}, last at ${wroteAt} by ${machine}`;
}

/** The remedies if another state of the same stack has files on a host, one for each possible cause. */
export function waysOut(ids: readonly string[], stack: string): string {
  return (
    "Nothing was changed. Find out which of these is the case:\n\n" +
    "  - That is another checkout, workspace or job of the same project. Use one state for all of them: configure\n" +
    "    a shared backend, and apply with that state.\n" +
    "  - That is another project. Give this stack another name. The two can share a host, but no file: a mail\n" +
    "    server's files belong to one project.\n" +
    '  - That state is lost, or was never saved. Import what it had: see "Importing a lost state" in docs/state.md of the\n' +
    "    package. Or take its files over, once; existing certificates are replaced:\n" +
    `    ${TAKE_OVER_VARIABLE}=${ids.join(",")} npx cdktf deploy ${stack}`
  );
}
