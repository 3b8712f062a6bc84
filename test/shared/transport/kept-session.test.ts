import { afterEach, describe, expect, it } from "vitest";
import { KeptSession } from "../../../lib/shared/transport/kept-session";
import { type Session, SessionLost } from "../../../lib/shared/transport/session";
import { LocalTransport, type Transport, targetOnThisMachine } from "../../../lib/shared/transport/transport";

class CountingTransport implements Transport {
  readonly opened: Session[] = [];

  readonly target = targetOnThisMachine;

  async connect(): Promise<void> {}

  async open(lifetimeMs: number): Promise<Session> {
    const session = await new LocalTransport().open(lifetimeMs);
    this.opened.push(session);
    return session;
  }
}

const HOUR = { lifetimeMs: 3_600_000, reuseMs: 3_600_000 };
const ask = (session: Session) => session.call("identity");

describe("a shell that is kept", () => {
  const transport = new CountingTransport();
  let kept: KeptSession;
  const keep = (timeouts = HOUR) => {
    transport.opened.length = 0;
    kept = new KeptSession(transport, timeouts);
  };
  afterEach(() => kept.close());

  it("GIVEN one that is young WHEN used again THEN it is the same one", async () => {
    keep();
    await kept.begin(ask);
    await kept.end(ask);
    await kept.begin(ask);

    expect(transport.opened).toHaveLength(1);
  });

  it("GIVEN none WHEN two uses begin at once THEN they share one, which is ended in the end", async () => {
    keep();
    await Promise.all([kept.begin(ask), kept.begin(ask)]);
    await kept.close();

    expect(transport.opened).toHaveLength(1);
    await expect(ask(transport.opened[0] as Session)).rejects.toThrow(SessionLost);
  });

  it("GIVEN a use between two of its calls WHEN another finds the shell too old THEN it does not end that one", async () => {
    keep({ lifetimeMs: 3_600_000, reuseMs: -1 });
    let other: Promise<unknown> | undefined;
    const answers = await kept.begin(async (session) => {
      const before = await ask(session);
      other ??= kept.begin(ask);
      return [before, await ask(session)];
    });

    expect(answers).toEqual([expect.objectContaining({ status: 0 }), expect.objectContaining({ status: 0 })]);
    await expect(other).resolves.toMatchObject({ status: 0 });
    expect(transport.opened).toHaveLength(2);
  });

  it("GIVEN a use that is just opening one WHEN it is closed THEN that one is ended, too", async () => {
    keep();
    const using = kept.begin(ask);
    await kept.close();
    await using;

    await expect(ask(transport.opened[0] as Session)).rejects.toThrow(SessionLost);
  });

  it("GIVEN one that is too old THEN it is ended, and another one begins", async () => {
    keep({ lifetimeMs: 3_600_000, reuseMs: -1 });
    await kept.begin(ask);
    await kept.begin(ask);

    expect(transport.opened).toHaveLength(2);
    await expect(ask(transport.opened[0] as Session)).rejects.toThrow(SessionLost);
  });

  it("GIVEN one that has ended since WHEN used again THEN what is done first is done again with another one", async () => {
    keep();
    await kept.begin(ask);
    await transport.opened[0]?.close();

    expect(await kept.begin(async (session) => [session, await ask(session)])).toEqual([
      transport.opened[1],
      expect.objectContaining({ status: 0 }),
    ]);
  });

  it("GIVEN a new one that ends at once THEN that is said", async () => {
    keep({ lifetimeMs: 1, reuseMs: 3_600_000 });

    await expect(kept.begin((session) => session.call("run", "/", "5", "all", "sleep", "5"))).rejects.toThrow(
      SessionLost,
    );
    expect(transport.opened).toHaveLength(1);
  });

  it("GIVEN one that ends during a use THEN the next use has another one", async () => {
    keep();
    await kept.begin(ask);
    await transport.opened[0]?.close();
    await kept.end(ask);
    await kept.begin(ask);

    expect(transport.opened).toHaveLength(2);
  });
});
