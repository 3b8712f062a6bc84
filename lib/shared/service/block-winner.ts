/** Which of several blocks for a name a server selects. */
export enum BlockWinner {
  FIRST = "first",
  LAST = "last",
}
