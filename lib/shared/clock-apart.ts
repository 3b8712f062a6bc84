/** How far one clock is from another, in words. @param aheadMs negative if it is behind @returns such as `3 hours ahead` */
export function clockApart(aheadMs: number): string {
  return `${inWords(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
}

function inWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
