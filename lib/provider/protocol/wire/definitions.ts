import { parseDefinitions } from "./parse-definitions";

/**
 * The interface definitions (`*.proto`) beside this file, parsed.
 *
 * `build/provider-bundle.ts` puts the value in place of this module: the bundle holds neither the files nor the parser.
 */
export const definitions = parseDefinitions(__dirname);
