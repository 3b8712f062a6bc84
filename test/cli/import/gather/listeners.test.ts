import { expect, it } from "vitest";
import { listenersIn } from "../../../../lib/cli/import/gather/listeners";

it("GIVEN sockets as ss prints them THEN their ports and addresses are read, and no loopback", () => {
  expect(
    listenersIn(["P\t*:993", "P\t192.0.2.1%eth0:25", "P\t[2001:db8::1]:465", "P\t127.0.0.1:143"]),
  ).toEqual([
    { port: 993, address: null },
    { port: 25, address: "192.0.2.1" },
    { port: 465, address: "2001:db8::1" },
  ]);
});

it("GIVEN a line without end THEN it is left out at once", () => {
  expect(listenersIn([`P\t${"%".repeat(1_000_000)}\r`, "P\t*:993"])).toEqual([{ port: 993, address: null }]);
});
