import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServiceSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Service } from "../../../../lib/provider/host/services/service";
import { withSession } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
  on.write("/var/lib/mail-sni/x", "");
});
afterEach(() => on.remove());

function withService<T>(
  settings: Partial<ServiceSettings>,
  use: (service: Service) => Promise<T>,
): Promise<T> {
  const served = on.settings.services.get("served") as ServiceSettings;
  return withSession((session) => use(new Service({ ...served, ...settings }, on.settings, session)));
}

describe("a candidate", () => {
  const copies = (host: TestHost) => [
    "sh",
    "-c",
    'cp "$1$2" "$3"',
    "sh",
    host.root,
    "{candidate}",
    join(host.control, "tried"),
  ];
  const tried = () => readFileSync(join(on.control, "tried"), "utf8");

  it.each([
    ["last", "include /etc/served/served.conf\ninclude /staged/one\ninclude /staged/two\n"],
    ["first", "include /staged/one\ninclude /staged/two\ninclude /etc/served/served.conf\n"],
  ] as const)("GIVEN staged files come %s THEN they are included there", async (position, expected) => {
    const config = { file: "/etc/served/served.conf", include: "include {path}", position };
    await withService({ config, check: copies(on) }, async (service) => {
      expect(await service.checkCandidate(["/staged/one", "/staged/two"])).toBeUndefined();
    });
    expect(tried()).toBe(expected);
    expect(on.has("/var/lib/mail-sni/candidate.conf")).toBe(false);
  });

  it("GIVEN lines that have to come first of all THEN they are taken from the main file", async () => {
    on.write(
      "/etc/served/served.conf",
      "# comment\ndovecot_config_version = 2.4.0\nx = 1\ndovecot_storage_version = 2.4.0\n",
    );
    const head = "^dovecot_(config|storage)_version";
    const config = {
      file: "/etc/served/served.conf",
      include: "!include {path}",
      position: "last",
      head,
    } as const;
    await withService({ config, check: copies(on) }, (service) => service.checkCandidate(["/staged"]));
    expect(tried()).toBe(
      "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n!include /etc/served/served.conf\n!include /staged\n",
    );
  });

  it("GIVEN nothing is staged THEN the main file itself is checked", async () => {
    await withService({}, (service) => service.checkCandidate([]));
    expect(readFileSync(join(on.control, "log"), "utf8")).toBe("check /etc/served/served.conf\n");
  });

  it("GIVEN it is refused THEN the command is shown as it can be run again", async () => {
    await withService({ check: ["false", "{candidate}"] }, async (service) => {
      expect((await service.checkLive())?.detail).toContain("`false /etc/served/served.conf`");
    });
  });

  it("GIVEN it cannot be written THEN that is said, not that the configuration is wrong", async () => {
    on.write("/var/lib/mail-sni/candidate.conf/in-the-way", "");
    await withService({}, async (service) => {
      expect((await service.checkCandidate(["/staged"]))?.summary).toBe(
        "The new configuration of served cannot be checked",
      );
    });
  });
});

describe("commands", () => {
  it("GIVEN placeholders and what a shell would expand THEN arguments arrive as they are", async () => {
    const chosen = ["sh", "-c", 'printf "%s|" "$@"', "sh", "a b", "$(id)", "{name}", "{name}.{other}", "'"];
    await withService({ chosen }, async (service) => {
      expect(await service.chosenCertificates(["x$&.test"])).toEqual([
        "a b|$(id)|x$&.test|x$&.test.{other}|'|",
      ]);
    });
  });

  it("GIVEN `<` before the path, as Dovecot 2.3 prints it, THEN it is left away; GIVEN a failure THEN nothing is known", async () => {
    await withService(
      { chosen: ["sh", "-c", 'echo "</etc/a.pem"; [ "$0" != bad ]', "{name}"] },
      async (service) => {
        expect(await service.chosenCertificates(["good", "bad"])).toEqual(["/etc/a.pem", undefined]);
      },
    );
  });

  it.each([
    [["true"], true],
    [["false"], false],
    [["no-such-program"], false],
    [["sh", "-c", "exit 124"], true],
    [["sh", "-c", "kill -9 $$"], true],
    [["/"], true],
    [undefined, true],
  ])("GIVEN `running` is %j THEN it is running: %s", async (running, expected) => {
    await withService({ running }, async (service) => expect(await service.isRunning()).toBe(expected));
  });

  it("GIVEN the state directory cannot be written to, so that no command is run, THEN it is taken to be running", async () => {
    // What the verb `run` keeps the output in.
    mkdirSync(on.at("/var/lib/mail-sni/output/full"), { recursive: true });
    await withService({ running: ["false"] }, async (service) =>
      expect(await service.isRunning()).toBe(true),
    );
    await withService({ activate: ["true"] }, async (service) => {
      expect(await service.activate()).toMatchObject({ detail: expect.stringContaining("exit status 125") });
    });
  });

  it.each([
    [["echo", ""], false],
    [["echo", "</etc/default.pem"], true],
    [["false"], undefined],
    [undefined, undefined],
  ])("GIVEN `default_certificate` is %j THEN it names one: %s", async (command, expected) => {
    await withService({ default_certificate: command }, async (service) => {
      expect(await service.namesDefaultCertificate()).toBe(expected);
    });
  });

  it("GIVEN output with what separates answers THEN it does not end one", async () => {
    await withService(
      { activate: ["sh", "-c", "printf 'x\\n\\0360\\n\\0361\\n'; exit 9"] },
      async (service) => {
        expect((await service.activate())?.detail).toContain("exit status 9");
      },
    );
  });

  it("GIVEN so many warnings that their beginning is cut off THEN the error is shown alone", async () => {
    const script =
      'for i in $(seq 60); do echo "x: Warning: $i: $(printf %0200d 0) it may be"; done; echo "x: Fatal: no"; exit 1';
    await withService({ activate: ["sh", "-c", script] }, async (service) => {
      expect((await service.activate())?.detail).toMatch(/ended with exit status 1: x: Fatal: no$/);
    });
  });

  it("THEN commands get the C locale, and no variable that host-verbs.sh sets for itself", async () => {
    const list = ["sh", "-c", 'echo "$LC_ALL/${QUOTING_STYLE-unset}"'];
    await withService({}, async (service) => expect((await service.answer(list))?.trim()).toBe("C/unset"));
  });
});
