/** The number of the system call renameat2(2), by processor as Node calls it. */
export const RENAMEAT2: Readonly<Partial<Record<string, number>>> = { x64: 316, arm64: 276 };
