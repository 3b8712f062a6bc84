import { describe, expect, it } from "vitest";
import {
  desiredChange,
  fourDigits,
  linkedPath,
  observedPaths,
} from "../../../../lib/provider/resources/host-files/desired-change";
import { file, hostFiles } from "./support";

const OWNER = { stack: "stack", token: "token", takesOver: new Set<string>(), place: "here" };

describe("desiredChange", () => {
  it("GIVEN a create THEN files are PEMs or texts with their defaults, and a link belongs to the service of its file", () => {
    const wanted = hostFiles({
      names: ["d.test"],
      directories: { "/q/d": { mode: null, owner: "root", group: null } },
      files: {
        "/q/d/pem": file({ service: "qmail", mode: "640", group: "vchkpw" }),
        "/d/conf": file({ text: "", service: "dovecot" }),
      },
      secrets: { "/q/d/pem": "PEM" },
      links: { "/q/imap.d/pem": "../d/pem" },
    });
    const change = desiredChange("create", OWNER, wanted, null);
    expect(change).toMatchObject({ kind: "create", ...OWNER, role: null, names: ["d.test"], removals: [] });
    expect(change.files).toEqual([
      {
        path: "/q/d/pem",
        contents: "PEM",
        secret: true,
        mode: "0640",
        owner: null,
        group: "vchkpw",
        service: "qmail",
      },
      {
        path: "/d/conf",
        contents: "",
        secret: false,
        mode: "0644",
        owner: null,
        group: null,
        service: "dovecot",
      },
    ]);
    expect(change.links).toEqual([{ path: "/q/imap.d/pem", target: "../d/pem", service: "qmail" }]);
    expect(change.directories).toEqual([{ path: "/q/d", mode: "0755", owner: "root", group: null }]);
  });

  it("GIVEN an update THEN what is declared no more is removed, each in its place and for its service, or kept", () => {
    const prior = hostFiles({
      files: {
        "/stays": file({}),
        "/pem": file({ service: "dovecot" }),
        "/conf": file({ text: "x", service: "dovecot" }),
        "/kept": file({ on_destroy: "keep" }),
        "/becomes-link": file({}),
      },
      links: { "/link": "pem" },
      directories: { "/dir": { mode: null, owner: null, group: null } },
    });
    const wanted = hostFiles({ files: { "/stays": file({}) }, links: { "/becomes-link": "stays" } });
    expect(desiredChange("update", OWNER, wanted, prior).removals).toEqual([
      { path: "/pem", configuration: false, service: "dovecot", keep: false },
      { path: "/conf", configuration: true, service: "dovecot", keep: false },
      { path: "/kept", configuration: false, service: null, keep: true },
      { path: "/link", configuration: false, service: "dovecot", keep: false },
      { path: "/dir", configuration: false, service: null, keep: false },
    ]);
  });

  it("GIVEN a delete THEN everything is removed that the state has, and nothing is wanted", () => {
    const prior = hostFiles({ role: "default", names: ["d.test"], files: { "/pem": file({}) } });
    expect(desiredChange("delete", OWNER, null, prior)).toMatchObject({
      kind: "delete",
      role: "default",
      names: ["d.test"],
      files: [],
      links: [],
      removals: [{ path: "/pem" }],
    });
  });

  it("THEN it says which state it is in, and whether that is the one the resource came from", () => {
    const [one, two] = [hostFiles({ state_id: "1".repeat(16) }), hostFiles({ state_id: "2".repeat(16) })];
    const said = (...args: Parameters<typeof desiredChange>) => {
      const { state, stateIsSaved } = desiredChange(...args);
      return [state?.[0], stateIsSaved];
    };
    expect(said("create", OWNER, one, null)).toEqual(["1", false]);
    expect(said("update", OWNER, one, one)).toEqual(["1", true]);
    expect(said("update", OWNER, two, one)).toEqual(["2", false]);
    expect(said("delete", OWNER, null, one)).toEqual(["1", true]);
    expect(said("create", OWNER, hostFiles({}), null)).toEqual([undefined, false]);
  });

  it("GIVEN placeholders THEN those with a configuration file have its text", () => {
    const placeholder = { names: ["mx"], mode: null, owner: null, group: null, service: "dovecot" };
    const wanted = hostFiles({
      placeholders: {
        "/a": { ...placeholder, config_file: null, config_text: null },
        "/b": { ...placeholder, mode: "0640", config_file: "/conf", config_text: "x" },
      },
    });
    expect(desiredChange("create", OWNER, wanted, null).placeholders).toMatchObject([
      { path: "/a", mode: "0600", configuration: null },
      { path: "/b", mode: "0640", configuration: { path: "/conf", text: "x" } },
    ]);
  });
});

describe("paths and modes", () => {
  it("THEN a link leads from its own directory", () => {
    expect(linkedPath("/q/imap.d/pem", "../d/pem")).toBe("/q/d/pem");
  });

  it("THEN `640` and `0640` are one mode", () => {
    expect(["640", "0640", "4750"].map(fourDigits)).toEqual(["0640", "0640", "4750"]);
  });

  it("THEN every path of the state is checked, and its directory, once", () => {
    const state = hostFiles({ files: { "/d/a": file({}), "/d/b": file({}) }, links: { "/e/l": "../d/a" } });
    expect(observedPaths(state).sort()).toEqual(["/d", "/d/a", "/d/b", "/e", "/e/l"]);
  });
});
