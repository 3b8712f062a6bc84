import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Compiles the public API with jsii, which makes packages for Python, Java, C# and Go of TypeScript, and shows what it refuses.
 * There are no such packages. But names that it refuses could be changed later only at the cost of those who use them.
 *
 * jsii is fetched by npx, so this needs the registry: `npm run check:jsii`.
 */

/** What jsii refuses and what stays so. */
const ALLOWED: readonly { readonly what: string; readonly reason: string; readonly lines: RegExp }[] = [
  {
    what: "MailSniError extends Error",
    reason: "an error that is thrown has to be one; a package for other languages would leave it out",
    lines: /mail-sni-error\.ts:.* JSII(3001|3004|9002): |lib\.es5\.d\.ts:.* JSII9002: Type "Error"/,
  },
];

const JSII = "jsii@6";
const ROOT = resolve(__dirname, "..");

const directory = mkdtempSync(join(tmpdir(), "jsii-check-"));
try {
  copyProject(directory);
  const lines = compile(directory).split("\n");
  // A warning is of a name that some language could not have.
  const refused = lines.filter((line) => / - (error (JSII|TS)|warning JSII)\d+: /.test(line));
  const left = refused.filter((line) => !ALLOWED.some((allowed) => allowed.lines.test(line)));
  // Also where jsii did not run.
  const stale = ALLOWED.filter((allowed) => !refused.some((line) => allowed.lines.test(line)));
  for (const { what, reason } of ALLOWED) console.log(`Allowed: ${what} (${reason}).`);
  for (const { what } of stale) console.error(`jsii does not refuse what is allowed: ${what}.`);
  for (const line of left) console.error(line);
  console.log(`jsii refuses ${left.length} other declarations.`);
  process.exitCode = left.length + stale.length > 0 ? 1 : 0;
} finally {
  rmSync(directory, { recursive: true });
}

/** Without the provider, which is no part of the API and is bundled by itself. */
function copyProject(into: string): void {
  for (const part of ["lib/index.ts", "lib/constructs", "lib/shared"]) {
    cpSync(join(ROOT, part), join(into, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(into, "node_modules"));
  writeFileSync(join(into, "README.md"), "");
  writeFileSync(join(into, "package.json"), JSON.stringify(manifest(), undefined, 2));
}

function manifest(): object {
  const { name, version, description, license, peerDependencies } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  return {
    name,
    version,
    description,
    license,
    author: { name: "nobody", email: "nobody@mail-sni.invalid" },
    repository: { type: "git", url: "https://mail-sni.invalid/cdktf-mail-sni.git" },
    main: "lib/index.js",
    types: "lib/index.d.ts",
    peerDependencies,
    devDependencies: peerDependencies,
    stability: "experimental",
    jsii: { outdir: "dist", targets: {} },
  };
}

/** What jsii prints, whatever it thinks of the project. */
function compile(project: string): string {
  const { stdout, stderr, error } = spawnSync("npx", ["--yes", "-p", JSII, "jsii", project], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  return stdout + stderr;
}
