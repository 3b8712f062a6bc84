/** Words that end as a sentence does, whatever they ended in. */
export function sentence(words: string): string {
  return /[.?!]$/.test(words) ? words : `${words}.`;
}
