import { truncated } from "../../shared/text/truncated";

/**
 * The words of an engine without the passwords that it quotes: a report may be mailed, or end in the log of a CI job. An engine
 * quotes a URL whole if it cannot parse it, such as that of PG_CONN_STR or TF_HTTP_ADDRESS.
 */
export function withoutPasswords(words: string): string {
  return truncated(words, MOST_CHARACTERS)
    .replace(UNPARSED_URL, 'parse "$1://…": it is not a valid URL (its parts have to be percent-encoded)')
    .replace(PASSWORD_OF_URL, "$1:…@")
    .replace(PASSWORD_PARAMETER, "$1…");
}

/** Longer words are cut before they are searched, which takes time; each pattern is bounded for the same reason. */
const MOST_CHARACTERS = 16_384;

/** As Go writes it. What follows may quote a part of it, such as `invalid port ":pass" after host`. */
const UNPARSED_URL = /\bparse "([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^"\\\n]|\\.){0,4096}":[^\n]*/gi;
const PASSWORD_OF_URL = /(:\/\/[^\s"'/@:]{0,256}):[^\s"'@]{0,256}@/g;
const PASSWORD_PARAMETER = /\b((?:ssl)?password\s?=\s?)(?:'[^'\n]{0,256}'|[^\s&"']{1,256})/gi;
