import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { isAlive, thisHolder } from "../../../lib/shared/journal/holder";

/** State and start of a process that is listed. */
function listed(pid: number): { readonly state: string | undefined; readonly start: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0], start: Number(fields[19]) };
}

it("GIVEN this process THEN it is alive, and one of its number that began at another time is not", () => {
  const { pid, start } = thisHolder();
  expect(isAlive({ pid, start })).toBe(true);
  expect(isAlive({ pid, start: start + 1 })).toBe(false);
});

it("GIVEN a process that was stopped THEN it is alive, and ended once it has ended, though its parent never asks for its status", async () => {
  // The parent becomes a program that knows of no child.
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"]);
  try {
    const pid = Number(String((await once(parent.stdout, "data"))[0]));
    const { start } = listed(pid);
    process.kill(pid, "SIGSTOP");
    while (listed(pid).state !== "T") await delay(10);
    expect(isAlive({ pid, start })).toBe(true);
    process.kill(pid, "SIGKILL");
    while (listed(pid).state !== "Z") await delay(10);
    expect(isAlive({ pid, start })).toBe(false);
  } finally {
    parent.kill("SIGKILL");
  }
});

describe("GIVEN a system without /proc", () => {
  const NONE = "/nonexistent";
  const seconds = () => Math.floor(Date.now() / 1000);

  it("THEN this process is alive, and one that has ended is not", async () => {
    const holder = thisHolder(NONE);
    expect(isAlive(holder, NONE)).toBe(true);
    const child = spawn("true");
    await once(child, "close");
    expect(isAlive({ ...holder, pid: child.pid ?? expect.fail() }, NONE)).toBe(false);
  });

  it("THEN a process that began before the system or days ago has ended, though another one has its number", () => {
    const { pid } = thisHolder(NONE);
    expect(isAlive({ pid, start: seconds() - Math.floor(uptime()) - 60 }, NONE)).toBe(false);
    expect(isAlive({ pid, start: seconds() - 2 * 86_400 }, NONE)).toBe(false);
    expect(isAlive({ pid, start: 0 }, NONE)).toBe(false);
  });
});
