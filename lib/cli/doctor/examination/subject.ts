/** What a finding is about. All null is this machine. */
export interface Subject {
  readonly stack: string | null;
  readonly host: string | null;
  /** A host name that certificates are for, or the URL of a CA. */
  readonly name: string | null;
}

export const THIS_MACHINE: Subject = { stack: null, host: null, name: null };

/** The subject for people: `host mx1 of stack mail`. */
export function subjectTitle({ stack, host, name }: Subject): string {
  const parts = [name, host === null ? null : `host ${host}`, stack === null ? null : `stack ${stack}`];
  return parts.filter((part) => part !== null).join(" of ") || "this machine";
}
