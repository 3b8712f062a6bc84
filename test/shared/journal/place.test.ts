import { describe, expect, it } from "vitest";
import { journalPlace } from "../../../lib/shared/journal/place";

const HERE = "/stack";

describe("journalPlace", () => {
  it("GIVEN nothing THEN it is in the user's state directory", () => {
    expect(journalPlace(undefined, { HOME: "/home/me" }, HERE)).toEqual({
      is: "directory",
      path: "/home/me/.local/state/mail-sni",
      home: "/home/me",
    });
    const xdg = { HOME: "/home/me", XDG_STATE_HOME: "/state" };
    expect(journalPlace(undefined, xdg, HERE)).toEqual({ is: "directory", path: "/state/mail-sni" });
  });

  it("GIVEN a relative XDG_STATE_HOME THEN that is ignored, as its specification has it", () => {
    const xdg = { HOME: "/home/me", XDG_STATE_HOME: "state" };
    expect(journalPlace(undefined, xdg, HERE)).toMatchObject({ path: "/home/me/.local/state/mail-sni" });
  });

  it("GIVEN no HOME THEN the system's database of users says where it is", () => {
    expect(journalPlace(undefined, {}, HERE)).toMatchObject({
      is: "directory",
      home: expect.stringMatching(/^\//),
    });
  });

  it.each([
    ["journal", "/stack/journal"],
    ["~/journal", "/home/me/journal"],
    ["/var/lib/journal", "/var/lib/journal"],
  ])("GIVEN the directory %s THEN it is %s", (directory, path) => {
    expect(journalPlace({ directory }, { HOME: "/home/me" }, HERE)).toEqual({ is: "directory", path });
  });

  it("GIVEN hosts THEN it is there; GIVEN the variable THEN that decides", () => {
    const block = { hosts: ["mx1"] };
    expect(journalPlace(block, { HOME: "/home/me" }, HERE)).toEqual({ is: "hosts", names: ["mx1"] });
    expect(journalPlace(block, { MAIL_SNI_JOURNAL: "off" }, HERE)).toEqual({ is: "off" });
    expect(journalPlace(block, { MAIL_SNI_JOURNAL: "/j" }, HERE)).toEqual({ is: "directory", path: "/j" });
    expect(journalPlace(block, { MAIL_SNI_JOURNAL: "" }, HERE)).toEqual({ is: "hosts", names: ["mx1"] });
  });
});
