import { describe, expect, it } from "vitest";
import {
  installedLeaves,
  leavesOf,
  rememberedLeaves,
} from "../../../../lib/provider/resources/host-files/installed-leaves";
import { combinedPem, issue } from "../../../support/certificates";
import { file, hostFiles } from "./support";

describe("the leaves that a resource has installed", () => {
  it("GIVEN PEMs of services THEN each service has the fingerprint of its leaf", async () => {
    const [leaf, chain, other] = [await issue(), await issue(), await issue()];
    const state = hostFiles({
      files: {
        "/dovecot.pem": file({ service: "dovecot" }),
        "/qmail.pem": file({ service: "qmail" }),
        "/nobody.pem": file({}),
        "/text": file({ service: "dovecot", text: "x" }),
      },
      secrets: {
        "/dovecot.pem": combinedPem(leaf, chain),
        "/qmail.pem": combinedPem(other),
        "/nobody.pem": combinedPem(chain),
      },
    });
    expect(leavesOf(state)).toEqual({ dovecot: leaf.fingerprint, qmail: other.fingerprint });
  });

  it("GIVEN leaves THEN private state gives them back, and has each fingerprint once", () => {
    const [one, other] = ["ab".repeat(32), "cd".repeat(32)];
    const leaves = { dovecot: one, qmail: one, exim: other };
    const kept = rememberedLeaves(leaves);
    expect(installedLeaves(JSON.parse(JSON.stringify(kept)))).toEqual(leaves);
    expect(Object.values(kept?.leaves as object)).toEqual([["dovecot", "qmail"], ["exim"]]);
  });

  it.each([[null], [{}], [{ leaves: "x" }], [{ leaves: { x: "y" } }], [{ leaves: ["x"] }]])(
    "GIVEN private state without them, %j THEN there are none",
    (kept) => {
      expect(installedLeaves(kept)).toEqual({});
    },
  );

  it("GIVEN no PEM THEN private state has nothing", () => {
    expect(rememberedLeaves(leavesOf(hostFiles({})))).toEqual({});
  });
});
