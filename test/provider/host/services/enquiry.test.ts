import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServiceSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Enquiry, type Statements } from "../../../../lib/provider/host/services/enquiry";
import type { Session } from "../../../../lib/shared/transport/session";
import { SHELLS, ShellTransport, withSession } from "../support/shells";
import { TestHost } from "../support/test-host";

const CERTIFICATE = "/etc/served/pem/a.test.pem";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

function declare(parts: Partial<ServiceSettings>): void {
  const served = { ...on.settings.services.get("served"), ...parts } as ServiceSettings;
  on.settings = { ...on.settings, services: new Map([["served", served]]) };
}

/** All that it can be asked, with one command for the listing. */
function declareAll(): void {
  const list = on.command("blocks");
  declare({
    version: { print: list, pattern: "^# (\\S+)", expected: "2.3", advice: "" },
    arrival: { list, pattern: "marker", advice: "" },
    name_blocks: { list, pattern: "^names (.+) \\{$", winner: "first" },
    chosen: on.command("chosen", "{name}"),
    default_certificate: on.command("default"),
  });
}

const about = (enquiry = new Enquiry(on.settings), session?: Session) =>
  session ? enquiry.about(session) : withSession((each) => enquiry.about(each));

describe("what services say", () => {
  it("THEN each command is run once, though its answer is used several times", async () => {
    declareAll();
    on.write("/etc/served/conf.d/a.conf", "serve a.test /etc/served/pem/a.test.pem\ndefault /etc/d.pem\n");
    const statements = await about();
    expect(on.calls().sort()).toEqual(["blocks", "default"]);
    expect(statements.of("served")).toEqual({
      isInstalled: true,
      otherVersion: undefined,
      reads: false,
      defaultCertificate: "/etc/d.pem",
    });
  });

  it.each([
    ["another version", "echo '# 2.4'", { isInstalled: true, otherVersion: "2.4" }],
    ["another version, and a failure", "echo '# 2.4'; exit 89", { isInstalled: true, otherVersion: "2.4" }],
    ["none", "exit 127", { isInstalled: false }],
  ])("GIVEN %s THEN that is known", async (_, script, expected) => {
    const print = ["sh", "-c", script];
    declare({ version: { print, pattern: "^# (\\S+)", expected: "2.3", advice: "" } });
    expect((await about()).of("served")).toMatchObject(expected);
  });

  it("GIVEN files without a service THEN no command runs", async () => {
    declareAll();
    on.settings = { ...on.settings, applyOwnership: false };
    expect((await about()).of("served")).toBeUndefined();
    expect(on.calls()).toEqual([]);
  });

  it.each([
    ["hangs", "sleep 60"],
    ["hangs in the background, with its output open", "setsid sleep 60 & sleep 60"],
    ["floods", "yes"],
    ["ignores that its time is up", "trap '' TERM; while :; do sleep 1; done"],
  ])(
    "GIVEN one that %s THEN nothing is known of it, and it is not asked again",
    async (_, script) => {
      const list = ["sh", "-c", `echo x >>${on.control}/asked; ${script}`];
      declare({ arrival: { list, pattern: "y", advice: "" } });
      const enquiry = new Enquiry(on.settings, { commandMs: 1_000, bytes: 100_000 });
      await withSession(async (session) => {
        expect((await enquiry.about(session)).of("served")).toBeUndefined();
        expect((await enquiry.about(session)).of("served")).toBeUndefined();
        // The session goes on.
        expect((await session.call("clock")).status).toBe(0);
      });
      expect(readFileSync(join(on.control, "asked"), "utf8")).toBe("x\n");
    },
    30_000,
  );

  it("THEN nothing is written on the host, so that it does not meddle with an apply", async () => {
    declareAll();
    await about();
    expect(existsSync(on.at("/var/lib/mail-sni"))).toBe(false);
  });
});

describe("names in doubt", () => {
  const decide = (enquiry: Enquiry, statements: Statements, names: readonly string[]) =>
    withSession((session) =>
      enquiry.decide(
        statements,
        [{ service: "served", names, certificate: CERTIFICATE }],
        (path) => path.startsWith("/etc/served/conf.d/"),
        (work) => work(session),
      ),
    );

  function withForeignBlock(): void {
    on.write(CERTIFICATE, "x");
    on.write("/etc/foreign.pem", "foreign");
    on.write("/etc/served/served.conf", "include /etc/served/own.conf\ninclude /etc/served/conf.d/*.conf\n");
    on.write("/etc/served/own.conf", "#imap.a.test x\nserve imap.a.test /etc/foreign.pem\n");
    on.write("/etc/served/conf.d/a.conf", `serve a.test imap.a.test ${CERTIFICATE}\n`);
  }

  it("GIVEN a block that wins THEN its certificate and its place are known, and only that name was asked for", async () => {
    declareAll();
    declare({
      config: {
        file: "/etc/served/served.conf",
        include: "include {path}",
        includes: "^include ",
        position: "last",
      },
    });
    withForeignBlock();
    const enquiry = new Enquiry(on.settings);
    const statements = await about(enquiry);
    await decide(enquiry, statements, ["a.test", "imap.a.test"]);
    expect(statements.choice("served", "imap.a.test")).toEqual({
      file: "/etc/foreign.pem",
      place: "/etc/served/own.conf:2",
    });
    expect(statements.choice("served", "a.test")).toBeUndefined();
    await decide(enquiry, statements, ["a.test", "imap.a.test"]);
    expect(on.calls().filter((call) => call === "chosen")).toHaveLength(1);
  });

  it("GIVEN more of them than is good for a plan THEN some are asked for", async () => {
    declareAll();
    on.write("/etc/foreign.pem", "x");
    const names = Array.from({ length: 200 }, (_, index) => `n${index}.test`);
    on.write("/etc/served/conf.d/a.conf", `serve ${names.join(" ")} /etc/foreign.pem\n`);
    const enquiry = new Enquiry(on.settings);
    const statements = await about(enquiry);
    await decide(enquiry, statements, names);
    await decide(enquiry, statements, names);
    expect(names.filter((name) => statements.choice("served", name))).toHaveLength(50);
  });
});

describe("a host that is asked about its files and its services", () => {
  it("THEN both are one trip, and resources that ask together or soon after cost none more", async () => {
    declareAll();
    on.write("/etc/served/conf.d/a.conf", `serve a.test ${CERTIFICATE}\n`);
    on.write(CERTIFICATE, "x");
    const lines: string[] = [];
    vi.stubEnv("TF_LOG_PROVIDER", "debug");
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    try {
      const host = on.open();
      const served = [{ service: "served", names: ["a.test"], certificate: CERTIFICATE }];
      const look = () => host.observe({ paths: ["/etc"], texts: new Map(), served });
      const [one] = await Promise.all(Array.from({ length: 20 }, look));
      await look();
      expect(one?.statements?.of("served")?.isInstalled).toBe(true);
      await host.close();
    } finally {
      spy.mockRestore();
      vi.unstubAllEnvs();
    }
    const ended = lines.map((line) => JSON.parse(line)).filter((line) => line.trips !== undefined);
    expect(ended.map(({ trips }) => trips)).toEqual([2]);
    expect(on.calls().filter((call) => call === "blocks")).toHaveLength(1);
  });
});

describe.each(SHELLS)("where a configuration has a word, by %s", (...shell) => {
  const mentions = (word: string) =>
    withSession(
      async (session) => {
        const file = on.at("/etc/served/served.conf");
        const { output } = await session.call(
          "mentions",
          file,
          on.root,
          "^[[:space:]]*!include(_try)?[[:space:]]",
          word,
        );
        return output
          .split("\n")
          .filter(Boolean)
          .map((line) => line.slice(on.root.length));
      },
      new ShellTransport(shell as [string, ...string[]]),
    );

  it("THEN it is found in files that are included, by pattern and by relative path", async () => {
    on.write(
      "/etc/served/served.conf",
      "a word\n  !include_try conf.d/*.conf # all\n!include /etc/else/x\n!include missing\n",
    );
    on.write("/etc/served/conf.d/10.conf", "\nno\n");
    on.write("/etc/served/conf.d/20 odd;touch oops.conf", "\nthe WORD\n");
    on.write("/etc/else/x", "!include y\n");
    on.write("/etc/else/y", "word\n");
    expect(await mentions("word")).toEqual([
      "/etc/served/served.conf:1:a word",
      "/etc/served/conf.d/20 odd;touch oops.conf:2:the WORD",
      "/etc/else/y:1:word",
    ]);
  });

  it("GIVEN files that include themselves, and hostile patterns, THEN it ends, and nothing is run", async () => {
    const hostile = ["$(touch oops)", "`touch oops`", ";touch oops", "'", '"', "\\", "-rf", "../*", "/*"];
    on.write(
      "/etc/served/served.conf",
      `word\n!include served.conf\n${hostile.map((each) => `!include ${each}\n`).join("")}`,
    );
    expect((await mentions("word")).every((line) => line === "/etc/served/served.conf:1:word")).toBe(true);
    expect(existsSync("oops")).toBe(false);
  });

  it("GIVEN no such file THEN nothing", async () => expect(await mentions("word")).toEqual([]));
});
