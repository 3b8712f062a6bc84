import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askForCertificates, hasAnswered } from "../../../../lib/provider/host/services/asking";
import type { Expectation, Look, Outcome } from "../../../../lib/provider/host/services/look";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Endpoint } from "../../../../lib/shared/transport/connection-settings";

const ENDPOINT: Endpoint = { address: "127.0.0.1", port: 993, protocol: "tls" };
const TIMEOUTS = { presentMs: 30_000, listenMs: 0 };
const OTHER: Outcome = { subject: "CN=other", dnsNames: ["other.test"], notAfter: new Date(0) };

function expectations(count: number): Expectation[] {
  return Array.from({ length: count }, (_, index) => ({
    serverName: `${index}.test`,
    fingerprint: `${index}`,
  }));
}

/** By a clock that jumps from one timer to the next. */
async function ask(...question: Parameters<typeof askForCertificates<Expectation>>) {
  const answer = askForCertificates(...question);
  await vi.runAllTimersAsync();
  return answer;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Answers at once, by name and by how often the name was asked for before. */
function answering(answer: (name: string, before: number) => Outcome): {
  look: Look;
  asked: Map<string, number>;
} {
  const asked = new Map<string, number>();
  const look: Look = async (_, { serverName = "" }) => {
    const before = asked.get(serverName) ?? 0;
    asked.set(serverName, before + 1);
    return answer(serverName, before);
  };
  return { look, asked };
}

describe("a server that is asked for certificates", () => {
  it("GIVEN each is presented sooner or later THEN each is asked for until it is, and no more", async () => {
    const { look, asked } = answering((_, before) => (before === 0 ? OTHER : "confirmed"));
    const all = expectations(20);
    const answered = await ask([ENDPOINT], all, TIMEOUTS, look);
    expect(all.map((each) => answered?.outcomes.get(each))).toEqual(all.map(() => "confirmed"));
    expect([...asked.values()]).toEqual(all.map(() => 2));
  });

  it("GIVEN one is never presented THEN it is asked for until the time is up, and the others are confirmed", async () => {
    const { look, asked } = answering((name) => (name === "1.test" ? OTHER : "confirmed"));
    const all = expectations(3);
    const answered = await ask([ENDPOINT], all, TIMEOUTS, look);
    expect(all.map((each) => answered?.outcomes.get(each))).toEqual(["confirmed", OTHER, "confirmed"]);
    expect([asked.get("0.test"), asked.get("2.test")]).toEqual([1, 1]);
    expect(asked.get("1.test")).toBeGreaterThan(1);
    expect(answered?.askedMs).toBe(TIMEOUTS.presentMs);
  });

  it("GIVEN every handshake is closed THEN it is given up before the time is up", async () => {
    const { look } = answering(() => HandshakeError.closed("handshake"));
    const answered = await ask([ENDPOINT], expectations(2), TIMEOUTS, look);
    expect(answered?.askedMs).toBeLessThan(TIMEOUTS.presentMs / 2);
  });

  it("GIVEN it offers no STARTTLS THEN it is asked once for each", async () => {
    const refusal = HandshakeError.startTlsNotOffered("STARTTLS");
    const { look, asked } = answering(() => refusal);
    const all = expectations(3);
    const answered = await ask([ENDPOINT], all, TIMEOUTS, look);
    expect(all.map((each) => answered?.outcomes.get(each))).toEqual(all.map(() => refusal));
    expect([...asked.values()]).toEqual([1, 1, 1]);
  });

  it("GIVEN nothing listens, or nothing to ask for, THEN there is no answer", async () => {
    const { look } = answering(() => "refused");
    expect(await ask([ENDPOINT], expectations(1), TIMEOUTS, look)).toBeUndefined();
    expect(await ask([], expectations(1), TIMEOUTS, look)).toBeUndefined();
    expect(await ask([ENDPOINT], [], TIMEOUTS, look)).toBeUndefined();
  });

  it("GIVEN nothing but time-outs THEN it has not answered", () => {
    const [one, other] = expectations(2) as [Expectation, Expectation];
    const timeout = HandshakeError.timeout("greeting", 1);
    expect(hasAnswered(new Map([[one, timeout]]))).toBe(false);
    expect(
      hasAnswered(
        new Map<Expectation, Outcome>([
          [one, timeout],
          [other, OTHER],
        ]),
      ),
    ).toBe(true);
  });
});
