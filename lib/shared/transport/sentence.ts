/** Ends words with a full stop unless they end like a sentence. */
export function sentence(words: string): string {
  return /[.?!]$/.test(words) ? words : `${words}.`;
}
