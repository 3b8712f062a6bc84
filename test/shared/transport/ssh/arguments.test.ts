import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConnectionFiles,
  forwardArguments,
  masterArguments,
  sessionArguments,
} from "../../../../lib/shared/transport/ssh/arguments";
import { parseSshVersion, type SshVersion } from "../../../../lib/shared/transport/ssh/version";
import type { SshSettings } from "../../../../lib/shared/transport/ssh-settings";
import { describeIf, sshd } from "../../../support/requirements";

const VERSION: SshVersion = [9, 2];
const FILES: ConnectionFiles = { socket: "/tmp/x/s", knownHosts: null };
const SETTINGS: SshSettings = {
  address: "mx1",
  configFile: "/dev/null",
  identityFile: null,
  knownHostsFile: null,
  hostKeys: null,
  proxyJump: null,
  become: null,
};

/** What ssh makes of the arguments, by the names of its options in lower case. */
function understood(args: readonly string[]): Record<string, string> {
  const { stdout, stderr, status } = spawnSync("ssh", ["-G", ...args], { encoding: "utf8" });
  expect([status, stderr.replaceAll(/^debug1: .*\r?\n/gm, "")]).toEqual([0, ""]);
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(/ (.*)/s).slice(0, 2)));
}

/** Names of files that a user may have, with what ssh and shells are said to stumble over. */
const fileName = fc
  .array(fc.constantFrom("a", "-", " ", "'", "%", "%h", "$x", "~", "#", "=", "*", "ä", "(", ";", "&"), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => `/keys/${parts.join("")}`);

describeIf(sshd, "the arguments of the ssh that connects", () => {
  it("GIVEN an address THEN ssh goes there; GIVEN a name alone THEN the rest is left to its configuration", () => {
    expect(
      understood(masterArguments({ ...SETTINGS, address: "jo@[2001:db8::1]:2222" }, FILES, VERSION)),
    ).toMatchObject({
      user: "jo",
      hostname: "2001:db8::1",
      port: "2222",
    });
    expect(masterArguments(SETTINGS, FILES, VERSION)).not.toEqual(expect.arrayContaining(["-l"]));
    expect(masterArguments(SETTINGS, FILES, VERSION)).not.toEqual(expect.arrayContaining(["-p"]));
  });

  it("GIVEN any names of files THEN ssh takes them as they are", () => {
    fc.assert(
      fc.property(fileName, fileName, (identityFile, knownHostsFile) => {
        const args = masterArguments({ ...SETTINGS, identityFile, knownHostsFile }, FILES, VERSION);
        const { identityfile, userknownhostsfile } = understood(args);
        // This one it shows as it was before what follows a percent sign is replaced.
        expect(identityfile?.replaceAll("%%", "%")).toBe(identityFile);
        expect(userknownhostsfile).toBe(knownHostsFile);
      }),
      { numRuns: 60 },
    );
  });

  it("GIVEN keys of our own THEN no other file is asked", () => {
    const found = understood(
      masterArguments({ ...SETTINGS, hostKeys: [] }, { ...FILES, knownHosts: "/tmp/x/k" }, VERSION),
    );
    expect(found).toMatchObject({
      userknownhostsfile: "/tmp/x/k",
      globalknownhostsfile: "/dev/null",
      verifyhostkeydns: "false",
    });
  });

  it("THEN ssh never prompts, verifies host keys and times out", () => {
    expect(understood(masterArguments(SETTINGS, FILES, VERSION))).toMatchObject({
      batchmode: "yes",
      stricthostkeychecking: "true",
      nohostauthenticationforlocalhost: "no",
      updatehostkeys: "false",
      connecttimeout: "10",
      serveraliveinterval: "10",
      serveralivecountmax: "3",
      controlpersist: "no",
    });
  });
});

describe("the version of ssh", () => {
  it.each([
    ["OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024", [9, 2]],
    ["OpenSSH_8.4p1, LibreSSL 2.8.3", [8, 4]],
    ["OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2", [8, 1]],
    ["warning: something\nOpenSSH_10.0p2 Debian-7", [10, 0]],
    ["Dropbear v2022.83", null],
    ["", null],
  ])("GIVEN %j THEN it is %j", (words, version) => {
    expect(parseSshVersion(words)).toEqual(version);
  });

  const named = (version: SshVersion | null) => {
    const files = { ...FILES, knownHosts: "/tmp/x/k" };
    const args = masterArguments({ ...SETTINGS, hostKeys: [], proxyJump: "hop" }, files, version).join("\n");
    const names = [
      "IgnoreUnknown",
      "KnownHostsCommand",
      "SessionType",
      "StdinNull",
      "ForkAfterAuthentication",
    ];
    return names.filter((name) => args.includes(name));
  };

  it("THEN no ssh is given an option that it does not have, and a user's IgnoreUnknown is left alone", () => {
    expect(named([8, 4])).toEqual([]);
    expect(named([8, 6])).toEqual(["KnownHostsCommand"]);
    expect(named([8, 7])).toEqual([
      "KnownHostsCommand",
      "SessionType",
      "StdinNull",
      "ForkAfterAuthentication",
    ]);
    expect(named([10, 0])).toEqual(named([8, 7]));
  });

  it("GIVEN one that cannot be told THEN it is given all, and is to pass over what it does not have", () => {
    expect(named(null)).toContain("IgnoreUnknown");
    expect(named(null)).toHaveLength(5);
  });
});

describeIf(sshd, "hosts on the way", () => {
  /** The words of a command as a shell reads it, after ssh has replaced what follows percent signs. */
  function words(command: string): string[] {
    const replaced = command.replace(
      /%([%hp])/g,
      (_, token: string) => ({ h: "mx1", p: "22" })[token] ?? "%",
    );
    const { stdout } = spawnSync("sh", ["-c", `ssh() { printf '%s\\0' ssh "$@"; }; ${replaced}`], {
      encoding: "utf8",
    });
    return stdout.split("\0").slice(0, -1);
  }
  const proxyCommand = (args: readonly string[]) =>
    args.find((arg) => arg.startsWith("ProxyCommand="))?.slice("ProxyCommand=".length);

  it("GIVEN any names of files THEN they arrive at each host, however deep they are quoted", () => {
    fc.assert(
      fc.property(fileName, fileName, (identityFile, knownHostsFile) => {
        const settings = { ...SETTINGS, identityFile, knownHostsFile, proxyJump: "a@one:1,b@two:2,three" };
        let command = proxyCommand(masterArguments(settings, FILES, VERSION));
        for (const [host, user, port] of [["three"], ["two", "b", "2"], ["one", "a", "1"]]) {
          const [program, ...args] = words(command ?? "");
          expect(program).toBe("ssh");
          expect(args.slice(args.indexOf("-W"), args.indexOf("-W") + 2)).toEqual(["-W", "[mx1]:22"]);
          expect(args.at(-1)).toBe(host);
          const found = understood(args);
          expect(found.stricthostkeychecking).toBe("true");
          expect(found.identityfile?.replaceAll("%%", "%")).toBe(identityFile);
          expect(found.userknownhostsfile).toBe(knownHostsFile);
          if (user !== undefined) expect(found).toMatchObject({ user, port });
          command = proxyCommand(args);
        }
        expect(command).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});

describe("the arguments of those that share the connection", () => {
  it("GIVEN a command THEN its words are quoted for the shell of the host", () => {
    expect(sessionArguments(FILES, ["env", "it's", "$HOME"]).at(-1)).toBe(`'env' 'it'"'"'s' '$HOME'`);
  });

  it("GIVEN an address of IPv6 THEN it is told from the port", () => {
    const to = (address: string) => forwardArguments(FILES, "/tmp/d/f1", { address, port: 993 });
    expect(to("::1")).toEqual(expect.arrayContaining(["-L", "/tmp/d/f1:[::1]:993"]));
    expect(to("127.0.0.1")).toEqual(expect.arrayContaining(["-L", "/tmp/d/f1:127.0.0.1:993"]));
  });

  it("THEN none of them connects by itself", () => {
    for (const args of [
      sessionArguments(FILES, ["true"]),
      forwardArguments(FILES, "/tmp/d/f1", { address: "::1", port: 1 }),
    ]) {
      expect(args).toEqual(expect.arrayContaining(["-F", "none", "ProxyCommand=false", "ControlMaster=no"]));
    }
  });
});
