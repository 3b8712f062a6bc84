import { describe, expect, it } from "vitest";
import { asHandshakeError } from "../../../lib/shared/tls/handshake-error";

describe("asHandshakeError", () => {
  it("GIVEN a name with several addresses, none of which is reached, THEN the reason of the first is told", () => {
    const errors = ["192.0.2.1", "192.0.2.2"].map((address) => new Error(`connect EHOSTUNREACH ${address}`));
    // As autoSelectFamily of node:net has it.
    const cause = Object.assign(new AggregateError(errors), { code: "EHOSTUNREACH" });
    expect(asHandshakeError(cause, "connect")).toMatchObject({
      failure: "unreachable",
      message: "no connection: connect EHOSTUNREACH 192.0.2.1",
    });
    expect(asHandshakeError(new AggregateError([]), "connect").message).toBe("no connection: AggregateError");
  });
});
