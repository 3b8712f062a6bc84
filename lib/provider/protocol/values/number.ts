import { InexactNumber } from "./value";

/**
 * Parses decimal digits, as a JavaScript number if that represents them exactly; null if they are not a
 * number. A fraction is exact if printing it gives the same digits, as the engines compare them.
 */
export function exactNumber(digits: string): number | InexactNumber | null {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) return null;
  const number = Number(digits);
  return Number.isFinite(number) && canonicalDigits(decimalDigits(number)) === canonicalDigits(digits)
    ? number
    : new InexactNumber(digits);
}

/** All digits of a number. JavaScript prints large integers with the shortest digits that identify them. */
export function decimalDigits(number: number): string {
  return Number.isInteger(number) ? BigInt(number).toString() : String(number);
}

/** Normalizes digits to the significant ones and a power of ten: `-12.50e1` and `-125` both become `-125e0`. */
export function canonicalDigits(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = withoutFinalZeros(digits);
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

/** A loop, because a regular expression takes quadratic time on a long run of zeros within the number. */
function withoutFinalZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
