import { InexactNumber } from "./value";

/**
 * The number that these decimal digits are, as a JavaScript number where that holds it exactly; null for no digits.
 * Fractions count as exact where they come back digit by digit, as the engines compare them.
 */
export function exactNumber(digits: string): number | InexactNumber | null {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) return null;
  const number = Number(digits);
  return Number.isFinite(number) && canonicalDigits(decimalDigits(number)) === canonicalDigits(digits)
    ? number
    : new InexactNumber(digits);
}

/** All digits of a number. JavaScript itself prints only as many of a large integer as tell it from its neighbours. */
export function decimalDigits(number: number): string {
  return Number.isInteger(number) ? BigInt(number).toString() : String(number);
}

/** `-12.50e1` and `-125` alike as `-125e0`: the digits that count, and a power of ten. */
export function canonicalDigits(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = withoutFinalZeros(digits);
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

/** Not by a regular expression: it would try at each zero of a long run within the number. */
function withoutFinalZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
