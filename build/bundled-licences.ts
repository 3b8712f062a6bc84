import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The licence texts of all packages of which there is a module among `modules`, sorted by name. */
export function bundledLicences(modules: readonly string[]): string {
  const directories = new Set(
    modules.filter((path) => path.includes("/node_modules/")).map(packageDirectory),
  );
  const licences = [...directories].map(licenceOf);
  return [...new Set(licences)].sort().join(`\n${"-".repeat(80)}\n\n`);
}

function packageDirectory(module: string): string {
  let directory = dirname(module);
  // Some packages have nameless package.json files inside, which say only what kind of modules are there.
  while (nameIn(directory) === undefined) directory = dirname(directory);
  return directory;
}

function nameIn(directory: string): string | undefined {
  const file = join(directory, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).name : undefined;
}

/** @throws Error for a package without a licence: it must not be handed on */
function licenceOf(directory: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  if (license === undefined) throw new Error(`${name} ${version} has no licence and cannot be bundled.`);
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(join(directory, file), "utf8").trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
