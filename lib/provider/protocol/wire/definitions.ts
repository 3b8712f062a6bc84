import { parseDefinitions } from "./parse-definitions";

/**
 * The interface definitions (`*.proto`) beside this file, parsed.
 *
 * `build/provider-bundle.ts` replaces this module by its value, so that the bundle needs neither the files
 * nor the parser.
 */
export const definitions = parseDefinitions(__dirname);
