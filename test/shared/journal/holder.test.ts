import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
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
