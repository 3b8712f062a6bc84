import type { CertificateName } from "../../shared/host-name";

/** RFC 5280, appendix A.1: ub-common-name, in characters. */
export const MAX_COMMON_NAME_LENGTH = 64;

/** Whether `text` can be a CA's name: printable and short enough for a CN. */
export function isCommonName(text: string): boolean {
  const length = [...text].length;
  return length >= 1 && length <= MAX_COMMON_NAME_LENGTH && !/\p{Cc}|^\s|\s$/u.test(text);
}

/** The first of a certificate's names, or null if it is too long for a CN. */
export function commonNameFor(names: readonly CertificateName[]): CertificateName | null {
  const [first] = names;
  return first !== undefined && first.length <= MAX_COMMON_NAME_LENGTH ? first : null;
}
