import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DnsHook, type DnsHookOptions } from "../../../lib/provider/acme/dns-hook";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { KeyedMutex } from "../../../lib/shared/mutex";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-hook-"));
});
afterEach(() => {
  // Whatever a hook has left running ends when this is gone.
  rmSync(directory, { recursive: true });
});

/** A hook of the script's, which finds a directory of the test's in `$0`. */
function hook(script: string, more: Partial<DnsHookOptions> = {}): DnsHook {
  const command = ["sh", "-c", script, directory];
  const mutex = new KeyedMutex();
  return new DnsHook({ command, chain: false, nameServers: null, propagationMs: 0, mutex, ...more });
}

const responses = ["a.test", "b.test"].map((name) => ({ name, token: `t-${name}`, keyAuthorization: name }));

describe("a DNS hook", () => {
  it.each([
    [false, /^deploy_challenge a\.test t-a\.test \S{43}\ndeploy_challenge b\.test t-b\.test \S{43}\n$/],
    [true, /^deploy_challenge a\.test t-a\.test \S{43} b\.test t-b\.test \S{43}\n$/],
  ])("GIVEN HOOK_CHAIN is %s THEN it is called as dehydrated calls it", async (chain, calls) => {
    await hook('echo "$*" >>"$0/calls"', { chain }).present(responses);
    expect(readFileSync(join(directory, "calls"), "utf8")).toMatch(calls);
  });

  it("GIVEN it fails THEN the message has how, and what it printed last", async () => {
    const failing = hook("echo 'no such zone' >&2; exit 3");
    await expect(failing.present(responses)).rejects.toThrow(
      /ended with exit status 3: sh .*deploy_challenge a\.test [\s\S]*no such zone/,
    );
    // It was not called for the other name.
    expect(await failing.withdraw(responses)).toEqual([
      expect.stringMatching(/_acme-challenge\.a\.test may have/),
    ]);
  });

  it.each([
    ["is none", ["/nonexistent/hook"], /cannot be run \(.*ENOENT/],
    ["has a NUL character in its name", ["a\0b"], /cannot be run \(.*null bytes/],
    ["has more arguments than the system allows", ["true", "x".repeat(300_000)], /cannot be run \(.*E2BIG/],
  ])(
    "GIVEN a program that %s THEN the message says so, and also for what is not cleaned up",
    async (_, command, how) => {
      const failing = hook("", { command });
      const failure = await failing.present(responses).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AcmeFailure);
      expect(failure).toMatchObject({ message: expect.stringMatching(how) });
      expect(String(failure).length).toBeLessThan(30_000);
      expect(await failing.withdraw(responses)).toEqual([expect.stringMatching(how)]);
    },
  );

  it("GIVEN it cannot clean up for one name THEN it is called for the others, and the message names that one alone", async () => {
    const script = 'echo "$1 $2" >>"$0/calls"; case "$*" in "clean_challenge a.test "*) exit 1 ;; esac';
    const failing = hook(script);
    await failing.present(responses);
    rmSync(join(directory, "calls"));
    const problems = await failing.withdraw(responses);
    expect(problems).toEqual([expect.stringMatching(/The TXT records of _acme-challenge\.a\.test may have/)]);
    expect(readFileSync(join(directory, "calls"), "utf8")).toBe(
      "clean_challenge a.test\nclean_challenge b.test\n",
    );
  });

  it("GIVEN a run that is stopped while it is called THEN it is called for nothing else, and cleans up what it was called for", async () => {
    const stop = new AbortController();
    const slow = hook('echo "$1 $2" >>"$0/calls"; until [ -e "$0/go" ]; do sleep 0.05; done');
    const presented = slow.present(responses, stop.signal);
    presented.catch(() => {});
    while (!existsSync(join(directory, "calls"))) await delay(10);
    stop.abort();
    writeFileSync(join(directory, "go"), "");
    await expect(presented).rejects.toThrow("It was interrupted before the DNS hook was called.");
    expect(await slow.withdraw(responses)).toEqual([]);
    expect(readFileSync(join(directory, "calls"), "utf8")).toBe(
      "deploy_challenge a.test\nclean_challenge a.test\n",
    );
  });

  it("GIVEN it leaves something running that holds its output THEN that is not waited for", async () => {
    const leaving = hook('echo done; while [ -e "$0" ]; do sleep 0.1; done & >"$0/called"');
    await leaving.present(responses.slice(0, 1));
    expect(existsSync(join(directory, "called"))).toBe(true);
  });

  it("GIVEN it hangs, and has a trap for signals THEN it is ended, and the next one has its turn", async () => {
    const mutex = new KeyedMutex();
    const endless = `sh -c 'while [ -e "$0" ]; do sleep 0.1; done' "$0"`;
    const script = `trap "rm -f none" EXIT INT TERM; ${endless}; echo late`;
    const hanging = hook(script, { mutex, timeoutMs: 100 });
    await expect(hanging.present(responses.slice(0, 1))).rejects.toThrow(/was ended by SIGKILL/);
    await hook('echo "$1" >>"$0/calls"', { mutex }).present(responses.slice(1));
    expect(readFileSync(join(directory, "calls"), "utf8")).toBe("deploy_challenge\n");
  });
});
