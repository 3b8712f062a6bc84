/** A plan is written by an engine that this release does not know. */
export class UnsupportedPlan extends Error {
  override readonly name = "UnsupportedPlan";

  /** @param found what the plan has, such as `an action that this release does not know` */
  constructor(readonly found: string) {
    super(`The plan has ${found}`);
  }
}
