import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ERRORS = resolve(__dirname, "../../../lib/shared/errors");

/** The codes of all that the constructs can complain of, as the sources have them: each has to be on its page. */
export function declaredCodes(): { readonly errors: readonly string[]; readonly rules: readonly string[] } {
  const codes = readdirSync(ERRORS).flatMap((file) => {
    const source = readFileSync(join(ERRORS, file), "utf8");
    return [...source.matchAll(/new MailSniError\(\s*"([A-Z_]+\d*)"/g)].map(([, code]) => code as string);
  });
  const isRule = (code: string) => /\d$/.test(code);
  return {
    errors: [...new Set(codes.filter((code) => !isRule(code)))].sort(),
    rules: codes.filter(isRule),
  };
}
