import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askEverywhere, type Endpoints } from "../../../../lib/provider/host/services/asking-everywhere";
import type { Expectation, Look, Outcome } from "../../../../lib/provider/host/services/look";
import type { Endpoint } from "../../../../lib/shared/transport/connection-settings";

const OTHER: Outcome = { subject: "CN=other", dnsNames: ["other.test"], notAfter: new Date(0) };
const DEFAULT: Expectation = { serverName: undefined, fingerprint: "default" };
const TIMEOUTS = { presentMs: 30_000, listenMs: 3_000 };

const endpoint = (port: number): Endpoint => ({ address: "127.0.0.1", port, protocol: "tls" });
const named = (...names: string[]): Expectation[] =>
  names.map((serverName) => ({ serverName, fingerprint: serverName }));

/** A server by port and name: `(no SNI)` for clients that send none. */
function server(answer: (port: number, name: string) => Outcome | Promise<Outcome>) {
  const asked: string[] = [];
  let now = 0;
  const most = { atOnce: 0 };
  const look: Look = async ({ port }, { serverName = "(no SNI)" }) => {
    asked.push(`${port} ${serverName}`);
    now += 1;
    most.atOnce = Math.max(most.atOnce, now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return answer(port, serverName);
  };
  return { look, asked, most };
}

/** By a clock that jumps from one timer to the next. */
async function ask(endpoints: Endpoints, expectations: readonly Expectation[], look: Look) {
  const answers = askEverywhere(endpoints, expectations, TIMEOUTS, look);
  await vi.runAllTimersAsync();
  return answers;
}

const ports = (...all: number[]): Endpoints => ({ endpoints: all.map(endpoint) });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a server that is asked everywhere", () => {
  it("THEN each name is asked at each port, and each answer says at which", async () => {
    const { look, asked } = server(() => "confirmed");
    const answers = await ask(ports(993, 995), named("a.test", "b.test"), look);
    expect(new Set(asked)).toEqual(new Set(["993 a.test", "993 b.test", "995 a.test", "995 b.test"]));
    expect(answers.map((answered) => answered.endpoint.port)).toEqual([993, 995]);
  });

  it("GIVEN one port that presents another certificate for one name THEN only that handshake is not confirmed", async () => {
    const { look } = server((port, name) => (port === 995 && name === "b.test" ? OTHER : "confirmed"));
    const all = named("a.test", "b.test");
    const answers = await ask(ports(993, 995), all, look);
    const outcomes = answers.map((answered) => all.map((each) => answered.outcomes.get(each)));
    expect(outcomes).toEqual([
      ["confirmed", "confirmed"],
      ["confirmed", OTHER],
    ]);
  });

  it("GIVEN a port at which nothing listens THEN it is left out, without waiting for it", async () => {
    const { look } = server((port) => (port === 995 ? "refused" : "confirmed"));
    const start = performance.now();
    const answers = await ask(ports(995, 993), named("a.test"), look);
    expect(answers.map((answered) => answered.endpoint.port)).toEqual([993]);
    expect(performance.now() - start).toBeLessThan(TIMEOUTS.listenMs);
  });

  it("GIVEN a server that opens its ports one after the other THEN all are asked", async () => {
    const start = performance.now();
    const opened = (port: number) => performance.now() - start > (port === 993 ? 1_000 : 1_500);
    const { look } = server((port) => (opened(port) ? "confirmed" : "refused"));
    const answers = await ask(ports(993, 995), named("a.test"), look);
    expect(answers.map((answered) => answered.endpoint.port)).toEqual([993, 995]);
  });

  it("GIVEN nothing listens anywhere, or nothing is expected THEN there is no answer", async () => {
    expect(await ask(ports(993, 995), named("a.test"), server(() => "refused").look)).toEqual([]);
    const { look, asked } = server(() => "confirmed");
    expect(await ask(ports(993), [], look)).toEqual([]);
    expect(await ask(ports(), named("a.test"), look)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("GIVEN a port without SNI THEN it is asked for the default certificate alone", async () => {
    const { look, asked } = server(() => "confirmed");
    const endpoints = { endpoints: [endpoint(587)], endpointsWithoutSni: [endpoint(465)] };
    await ask(endpoints, [...named("a.test"), DEFAULT], look);
    expect(asked.filter((each) => each.startsWith("465"))).toEqual(["465 (no SNI)"]);
    asked.length = 0;
    await ask(endpoints, named("a.test"), look);
    expect(asked.filter((each) => each.startsWith("465"))).toEqual([]);
  });

  it("GIVEN hundreds of handshakes THEN the ports share the connections", async () => {
    const { look, most } = server(() => "confirmed");
    const names = Array.from({ length: 60 }, (_, index) => `${index}.test`);
    const answers = await ask(ports(143, 993, 110, 995, 4190), named(...names), look);
    expect(answers.flatMap(({ outcomes }) => [...outcomes.values()])).toHaveLength(300);
    expect(most.atOnce).toBeLessThanOrEqual(8);
  });
});
