/** How often each suite kills something. */
export const SHARES = {
  changesOnAHost: 30,
  firstDeploy: 12,
  issuances: 10,
  manyDomainsBySsh: 9,
  manyDomainsOnThisMachine: 9,
};

const USUAL_KILLS = Object.values(SHARES).reduce((total, share) => total + share);

/** How often something is killed in all suites of test/long together, as near as whole numbers allow. */
const KILLS = Number(process.env.MAIL_SNI_KILLS ?? USUAL_KILLS);

/** How often a suite kills something, of `kills` in all suites together. */
export function killsOf(suite: keyof typeof SHARES, kills = KILLS): number {
  return Math.ceil((kills * SHARES[suite]) / USUAL_KILLS);
}
