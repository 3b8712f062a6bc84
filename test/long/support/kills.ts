/** How often something is killed in all suites of test/long together. */
const USUAL_KILLS = 60;
const KILLS = Number(process.env.MAIL_SNI_KILLS ?? USUAL_KILLS);

/** A suite's share of them. @param usual how many of the usual 60 */
export function killsOf(usual: number): number {
  return Math.ceil((KILLS * usual) / USUAL_KILLS);
}
