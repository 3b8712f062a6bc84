import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ON_HOST = "lib/on-host/renewal";

/**
 * The parts of the renewal program, in their order. What dehydrated's hook needs comes first: dehydrated starts it for every
 * row, and a shell reads no further than it runs.
 */
const PARTS = [
  `${ON_HOST}/entry.sh`,
  `${ON_HOST}/hook.sh`,
  "lib/shared/transport/host-verbs.sh",
  ...[
    "words",
    "table",
    "pem",
    "survey",
    "ledger",
    "stage",
    "services",
    "confirm",
    "commit",
    "batch",
    "install",
    "result",
    "run",
    "check",
    "main",
  ].map((part) => `${ON_HOST}/${part}.sh`),
];

/** The renewal program as one file of shell. @param root of the package */
export function renewalProgram(root: string): string {
  return PARTS.map((part) => readFileSync(join(root, part), "utf8")).join("\n");
}

/** Writes `dist/host`: the programs that run on mail hosts, which the constructs read. */
export function buildHostPrograms(root: string): void {
  const directory = join(root, "dist/host");
  const program = renewalProgram(root);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "renewal"), program);
  chmodSync(join(directory, "renewal"), 0o755);
  console.log(`dist/host/renewal: ${program.length} bytes`);
}

if (require.main === module) buildHostPrograms(resolve(__dirname, ".."));
