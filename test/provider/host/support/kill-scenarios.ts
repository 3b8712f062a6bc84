import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BUNDLE } from "../../../../build/bundle-options";
import type { Change } from "../../../../lib/provider/host/desired/change";
import { describePending } from "../../../../lib/provider/host/record/ledger";
import { certificate, pathsOf, withoutCertificate } from "./changes";
import { SERVED } from "./served-control";
import { ShellTransport } from "./shells";
import { TestHost } from "./test-host";

const aliases = ["imap.c.test"];

/** One is renewed, one goes, one comes. A create that was cut off is another resource when it is tried again. */
const wanted = (token: string): Change[] => [
  certificate("a.test", "new", { kind: "update" }),
  withoutCertificate("b.test"),
  certificate("c.test", "new", { token, aliases }),
];

/** Each file is whole, old or new, and no configuration names what is not there. */
function expectWhole(on: TestHost): void {
  const state = (path: string) => (on.has(path) ? on.read(path) : "nothing");
  const a = pathsOf("a.test");
  const b = pathsOf("b.test");
  const c = pathsOf("c.test");
  for (const path of [a.filed, a.served]) expect(["old", "new"]).toContain(state(path));
  for (const path of [b.filed, b.served]) expect(["old", "nothing"]).toContain(state(path));
  for (const path of [c.filed, c.served]) expect(["nothing", "new"]).toContain(state(path));
  expect(state(a.snippet)).toContain("serve a.test");
  for (const { snippet, served } of [b, c]) if (on.has(snippet)) expect(state(served)).not.toBe("nothing");
}

/** What is served is what is there, or the host knows that its service has not been told. */
function expectServedOrOwed(on: TestHost): void {
  for (const name of ["a.test", "b.test", "c.test"]) {
    const { served, snippet } = pathsOf(name);
    const there = on.has(served) && on.has(snippet) ? on.read(served) : undefined;
    if (there !== on.loaded(name))
      expect(on.ledger().pendingActivations.map(({ service }) => service)).toContain("served");
  }
}

async function expectFinished(on: TestHost, token: string): Promise<void> {
  const host = on.open();
  const results = await Promise.all(wanted(token).map((change) => host.change(change)));
  expect(results.flatMap(({ errors }) => errors)).toEqual([]);
  expect(["a.test", "b.test", "c.test", "imap.c.test"].map((name) => on.loaded(name))).toEqual([
    "new",
    undefined,
    "new",
    "new",
  ]);
  expect([on.has(pathsOf("b.test").filed), on.has(pathsOf("b.test").snippet)]).toEqual([false, false]);
  expect(on.tree()[pathsOf("imap.c.test").filed]).toBe("-> ../c.test/servercert.pem");
  expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
  expect(on.ledger().owner(pathsOf("c.test").served)?.token).toBe(token);
}

async function prepared(): Promise<TestHost> {
  const on = new TestHost();
  const host = on.open();
  await Promise.all(["a.test", "b.test"].map((name) => host.change(certificate(name, "old"))));
  return on;
}

export interface KillOptions {
  /** The shell is killed before each command with a number that this divides. */
  readonly step: number;
  /** How often a process is killed at a random time. */
  readonly kills: number;
}

/** What is on a host when something was killed while it changed files there. */
export function killScenarios({ step, kills }: KillOptions): void {
  describe("a shell that is killed", () => {
    const TOOLS = "mv ln rm cp mkdir rmdir chmod chown sync sha256sum timeout";

    /** Ends the shell before the command with the given number of all that change something. */
    const killedBefore = (number: number) =>
      `commands=0
count() { commands=$((commands + 1)); [ "$commands" -ne ${number} ] || kill -9 $$; }
${TOOLS.split(" ")
  .map((tool) => `${tool}() { count; command ${tool} "$@"; }`)
  .join("\n")}
`;

    /** @param more changes beside the wanted ones */
    async function killAt(
      prelude: string,
      number: number,
      more: readonly Change[] = [],
    ): Promise<"killed" | "finished"> {
      const on = await prepared();
      try {
        const host = on.open({ transport: new ShellTransport(["sh"], prelude) });
        const all = [...wanted("first"), ...more];
        const results = await Promise.all(all.map((change) => host.change(change)));
        const killed = results.every(({ errors }) =>
          errors.some(({ summary }) => /lost|cannot be used/.test(summary)),
        );
        expectWhole(on);
        expectServedOrOwed(on);
        await expectFinished(on, killed ? "second" : "first");
        return killed ? "killed" : "finished";
      } catch (error) {
        throw new Error(`killed before command ${number}`, { cause: error });
      } finally {
        await on.remove();
      }
    }

    /** Every command from the first on, or every so many, until the changes come to their end. */
    async function killAtEach(step: number, more: readonly Change[] = []): Promise<number> {
      let next = 1;
      let kills = 0;
      const take = () => {
        next += step;
        return next - step;
      };
      const worker = async () => {
        for (let number = take(); ; number = take()) {
          if ((await killAt(killedBefore(number), number, more)) === "finished") return;
          kills++;
        }
      };
      await Promise.all([worker(), worker(), worker()]);
      return kills;
    }

    it("BEFORE any of its commands THEN files are whole, pending activations are known, and the next run finishes it", async () => {
      expect(await killAtEach(step)).toBeGreaterThan(25 / step);
    }, 240_000);

    it("WHILE others are put back because of a guilty one THEN the same holds", async () => {
      const guilty = certificate("d.test", "new", { configuration: "broken\n" });
      expect(await killAtEach(3 * step, [guilty])).toBeGreaterThan(15 / step);
    }, 240_000);

    it.each([
      ["a staged file", 'stage() { printf half >"$1"; kill -9 $$; }\n'],
      ["the ledger", "append() { printf 'claim\\tstack\\tfi' >>\"$1\"; kill -9 $$; }\n"],
      [
        "the ledger's last entries",
        'append() { printf "%s" "$2" >>"$1"; append() { printf "pai" >>"$1"; kill -9 $$; }; }\n',
      ],
    ])("IN THE MIDDLE of %s THEN the same holds", async (_, prelude) => {
      expect(await killAt(prelude, 0)).toBe("killed");
    });

    it("WHILE the service is told THEN the pending activation of each change is known to its resource", async () => {
      const on = await prepared();
      const host = on.open({
        transport: new ShellTransport(["sh"], 'run() { case "$*" in *activate*) kill -9 $$;; esac; }\n'),
      });
      await Promise.all(wanted("first").map((change) => host.change(change)));
      const { ledger } = await on.open().observe({ paths: [], texts: new Map() });
      for (const token of ["a.test", "b.test", "first"]) {
        expect(describePending(ledger, token)).toBe("served: files have changed and are not served yet");
      }
      await on.remove();
    });

    it("BEHIND the removal of a configuration THEN the next run does not bring it back, whatever it is about", async () => {
      const on = await prepared();
      const dying = on.open({
        transport: new ShellTransport(["sh"], 'run() { case "$*" in *activate*) kill -9 $$;; esac; }\n'),
      });
      expect((await dying.change(withoutCertificate("b.test"))).errors).toHaveLength(1);
      const { served, snippet } = pathsOf("b.test");
      expect([on.has(snippet), on.has(served)]).toEqual([false, true]);
      await on.open().change(certificate("d.test", "x"));
      expect([on.has(snippet), on.leftovers()]).toEqual([false, []]);
      expect(on.loaded("b.test")).toBeUndefined();
      await on.remove();
    });

    it("BETWEEN the two renames by which a linked directory becomes one THEN the next run puts the link back", async () => {
      const on = new TestHost();
      on.write(pathsOf("c.test").filed, "new", 0o640);
      on.link("/var/filed/imap.c.test", "c.test");
      const dying = on.open({
        transport: new ShellTransport(["sh"], 'mv() { command mv "$@"; kill -9 $$; }\n'),
      });
      const create = certificate("c.test", "new", { aliases });
      expect((await dying.change(create)).errors).toHaveLength(1);
      expect(on.has("/var/filed/imap.c.test")).toBe(false);
      await on.open().change(certificate("d.test", "x"));
      expect(on.tree()["/var/filed/imap.c.test"]).toBe("-> c.test");
      expect(on.leftovers()).toEqual([]);
      expect((await on.open().change(create)).errors).toEqual([]);
      await on.remove();
    });
  });

  describe("a process that is killed", () => {
    const names = ["a.test", "b.test", "c.test"];
    let bundle: string;
    let directory: string;
    let on: TestHost;
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "mail-sni-program-"));
      bundle = join(directory, "endless-changes.cjs");
      await build({
        entryPoints: [join(__dirname, "endless-changes.ts")],
        outfile: bundle,
        ...BUNDLE,
        write: true,
      });
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));
    beforeEach(() => {
      on = new TestHost();
    });
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      await on.remove();
    });

    function start(...args: string[]): ChildProcess {
      const child = spawn(process.execPath, [bundle, on.root, on.control, SERVED, ...args], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      return child;
    }

    it("AT any time THEN files are whole, what is not served is pending, and the next run ends clean", async () => {
      const first = on.open();
      await Promise.all(names.map((name) => first.change(certificate(name, "0\n".repeat(2000)))));
      for (let killed = 0; killed < kills; killed++) {
        const child = start(...names);
        await once(child.stdout as NodeJS.ReadableStream, "data");
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
        child.kill("SIGKILL");
        await once(child, "exit");
        // What its shell had been sent already is still being done, under the lock.
        const host = on.open();
        await host.change(certificate("z.test", `${killed}`, { kind: "update" }));
        for (const name of names) {
          const contents = on.read(pathsOf(name).served);
          const [version] = contents.split("\n");
          expect(contents).toBe(`${version}\n`.repeat(2000));
          expect(on.loaded(name)).toBe(contents);
          expect(on.read(pathsOf(name).filed)).toMatch(/^(\d+\n)\1{1999}$/);
        }
        expect([on.leftovers(), on.ledger().pendingActivations]).toEqual([[], []]);
      }
      console.info(`${kills} processes were killed while they changed files`);
    }, 120_000);

    it("GIVEN another process on the same host THEN that one finishes its changes, and no file is a mixture", async () => {
      const [killed, other] = [start(...names), start("x.test", "y.test")];
      await once(other.stdout as NodeJS.ReadableStream, "data");
      killed.kill("SIGKILL");
      await once(other.stdout as NodeJS.ReadableStream, "data");
      other.kill("SIGKILL");
      await on.open().change(certificate("z.test", "x"));
      for (const name of ["x.test", "y.test"]) {
        expect(on.loaded(name)).toBe(on.read(pathsOf(name).served));
        expect(on.loaded(name)).toMatch(/^(\d+\n)\1{1999}$/);
      }
      expect([on.leftovers(), on.ledger().pendingActivations]).toEqual([[], []]);
    }, 60_000);
  });
}
