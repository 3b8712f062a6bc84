import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseEndpoint } from "../../../../lib/provider/host/services/endpoint-choice";
import type { Look, Outcome } from "../../../../lib/provider/host/services/look";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Endpoint } from "../../../../lib/shared/transport/connection-settings";

const EXPECTED = { serverName: "a.test", fingerprint: "a" };
const SLOW = HandshakeError.timeout("greeting", 1);
const NO_STARTTLS = HandshakeError.startTlsNotOffered("STARTTLS");
const CLOSED = HandshakeError.closed("handshake");

/** By port, what each look in turn shows; the last one stays. */
async function choose(answers: Readonly<Record<number, readonly Outcome[]>>, timeMs = 0) {
  const endpoints = Object.keys(answers).map(
    (port): Endpoint => ({ address: "127.0.0.1", port: Number(port), protocol: "tls" }),
  );
  const looks = new Map<number, number>();
  const look: Look = async ({ port }) => {
    const before = looks.get(port) ?? 0;
    looks.set(port, before + 1);
    return answers[port]?.[before] ?? answers[port]?.at(-1) ?? "refused";
  };
  const chosen = chooseEndpoint(endpoints, EXPECTED, performance.now() + timeMs, look);
  await vi.runAllTimersAsync();
  return chosen;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the endpoint that is asked", () => {
  it.each<[what: string, answers: Readonly<Record<number, readonly Outcome[]>>, port: number | undefined]>([
    ["the first that presents it", { 1: ["refused"], 2: ["confirmed"], 3: ["confirmed"] }, 2],
    ["one that fails, before those behind it", { 1: [CLOSED], 2: ["confirmed"] }, 1],
    ["one that answers, before a slow one", { 1: [SLOW], 2: ["confirmed"] }, 2],
    ["a slow one, before one that cannot be asked", { 1: [NO_STARTTLS], 2: [SLOW] }, 2],
    ["one that cannot be asked, where there is no other", { 1: ["refused"], 2: [NO_STARTTLS] }, 2],
    ["none, where nothing listens", { 1: ["refused"], 2: ["refused"] }, undefined],
    ["none, where there is none", {}, undefined],
  ])("is %s", async (_, answers, port) => {
    expect((await choose(answers))?.endpoint.port).toBe(port);
  });

  it("GIVEN nothing listens yet THEN it is looked for until the time is up", async () => {
    const later = await choose({ 1: ["refused", "refused", "confirmed"] }, 20_000);
    expect(later).toMatchObject({ endpoint: { port: 1 }, outcome: "confirmed" });
  });
});
