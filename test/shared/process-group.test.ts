import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { signalGroup } from "../../lib/shared/process-group";

it("GIVEN a process that runs THEN it and its children get the signal", async () => {
  const child = spawn("sh", ["-c", "sleep 600 | sleep 600"], { detached: true });
  signalGroup(child, "SIGTERM");
  // Its end is that of the children, which hold its pipes open.
  expect(await once(child, "close")).toEqual([null, "SIGTERM"]);
});

it("GIVEN a process that has ended THEN what has its number by now gets no signal", async () => {
  const other = spawn("sleep", ["600"], { detached: true });
  signalGroup({ pid: other.pid, exitCode: 0, signalCode: null });
  signalGroup({ pid: other.pid, exitCode: null, signalCode: "SIGTERM" });
  signalGroup(other, "SIGTERM");
  expect(await once(other, "close")).toEqual([null, "SIGTERM"]);
});

it("GIVEN a process that could not be started, or whose end Node has not been told THEN it is no error", async () => {
  const child = spawn("true", { detached: true });
  await once(child, "close");
  for (const pid of [undefined, child.pid]) signalGroup({ pid, exitCode: null, signalCode: null });
});
