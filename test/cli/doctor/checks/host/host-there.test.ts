import { expect, it } from "vitest";
import { HostThere } from "../../../../../lib/cli/doctor/checks/host/host-there";
import { NO_FILES } from "../../../../../lib/cli/doctor/declared/declared-files";
import { SessionLost } from "../../../../../lib/shared/transport/session";
import { LocalTransport } from "../../../../../lib/shared/transport/transport";

const CONNECTION = { ssh: null, root: "/", stateDirectory: "/var/lib/mail-sni", applyOwnership: true };

it("HostThere: GIVEN a check that goes on after the end THEN calls that were made are answered, and no others", async () => {
  const host = new HostThere({
    declared: { connection: CONNECTION, isGone: false, services: [] },
    files: NO_FILES,
    now: () => new Date(),
    transport: new LocalTransport(),
  });
  const before = host.ask([["sh", "-c", "sleep 0.2; exit 3"]]);
  const closing = host.close();
  await expect(host.ask([["true"]])).rejects.toThrow(SessionLost);
  await closing;
  expect(await before).toEqual([{ status: 3, text: "" }]);
});
