import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  ASKING_LIMITS,
  type AskingLimits,
  askServed,
  isRight,
} from "../../../../lib/provider/host/served/asking";
import type { ServedQuestion } from "../../../../lib/provider/host/served/questions";
import { SessionLost } from "../../../../lib/shared/transport/session";
import { type Transport, targetOnThisMachine } from "../../../../lib/shared/transport/transport";
import { TlsServers } from "../../../cli/support/tls-servers";
import { type IssuedCertificate, issue } from "../../../support/certificates";
import { freePort } from "../../../support/ports";

const servers = new TlsServers();
const silent: Server[] = [];
afterEach(async () => {
  await servers.close();
  for (const server of silent.splice(0)) server.close();
});

const question = (port: number, { fingerprint }: IssuedCertificate, serverName?: string): ServedQuestion => ({
  address: "127.0.0.1",
  endpoint: { address: "127.0.0.1", port, protocol: "tls" },
  service: "dovecot",
  serverName,
  fingerprint,
});

interface Options extends Partial<AskingLimits> {
  readonly target?: Transport["target"];
  readonly signal?: AbortSignal;
}

function ask(questions: readonly ServedQuestion[], { target, signal, ...limits }: Options = {}) {
  return askServed(questions, target ?? targetOnThisMachine, signal ?? new AbortController().signal, {
    ...ASKING_LIMITS,
    pauseMs: 0,
    ...limits,
  });
}

/** How often each port was connected to. */
function counting() {
  const connections: number[] = [];
  const target: Transport["target"] = (endpoint) => {
    connections.push(endpoint.port);
    return targetOnThisMachine(endpoint);
  };
  return { connections, target };
}

describe("asking the services of a host", () => {
  it("GIVEN what is installed THEN each question is one handshake", async () => {
    const [own, other] = [await issue(), await issue()];
    const port = await servers.start({ leaf: other }, { "a.tld": { leaf: own } });
    const { connections, target } = counting();
    const asked = await ask([question(port, own, "a.tld"), question(port, other)], { target });

    expect(asked.answered.map(isRight)).toEqual([true, true]);
    expect(asked).toMatchObject({ handshakes: 2, unasked: 0 });
    expect(connections).toHaveLength(2);
  });

  it("GIVEN a server that sends many certificates THEN the leaf alone is kept", async () => {
    const [own, other] = [await issue(), await issue()];
    const port = await servers.start({ leaf: own, chain: Array(50).fill(other) });
    const [answer] = (await ask([question(port, own)])).answered;

    const leaf = expect.objectContaining({ issuerCertificate: undefined });
    expect(answer?.outcome).toMatchObject({ presentation: { certificates: [leaf] } });
  });

  it("GIVEN another certificate THEN it is asked for once more, and no right one is", async () => {
    const [own, other] = [await issue(), await issue()];
    const port = await servers.start({ leaf: other }, { "a.tld": { leaf: own } });
    const asked = await ask([question(port, own, "a.tld"), question(port, own, "b.tld")]);

    expect(asked.answered.map((one) => [one.question.serverName, isRight(one)])).toEqual([
      ["a.tld", true],
      ["b.tld", false],
    ]);
    expect(asked.handshakes).toBe(3);
  });

  it("GIVEN one that takes effect a moment later THEN that is right", async () => {
    const [own, other] = [await issue(), await issue()];
    const [before, after] = [await servers.start({ leaf: other }), await servers.start({ leaf: own })];
    let connections = 0;
    const target: Transport["target"] = (endpoint) =>
      targetOnThisMachine({ ...endpoint, port: connections++ === 0 ? before : after });
    const asked = await ask([question(before, own)], { target });

    expect(asked.answered.map(isRight)).toEqual([true]);
  });

  it("GIVEN more questions than there may be handshakes THEN the first ones are asked, and the others counted", async () => {
    const own = await issue();
    const port = await servers.start({ leaf: own });
    const questions = Array.from({ length: 20 }, (_, index) => question(port, own, `n${index}.tld`));
    const asked = await ask(questions, { handshakes: 5 });

    expect(asked).toMatchObject({ handshakes: 5, unasked: 15 });
    expect(asked.answered.map((one) => one.question)).toEqual(questions.slice(0, 5));
  });

  it("GIVEN a port that never answers THEN the time ends it, and what it could not be asked is no failure", async () => {
    const own = await issue();
    const server = createServer(() => {}).listen(0, "127.0.0.1");
    silent.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const questions = Array.from({ length: 9 }, (_, index) => question(port, own, `n${index}.tld`));
    const asked = await ask(questions, { handshakeMs: 10_000, totalMs: 50 });

    expect(asked).toMatchObject({ answered: [], unasked: 9 });
  });

  it("GIVEN a stop THEN nothing is asked", async () => {
    const own = await issue();
    const { connections, target } = counting();
    const asked = await ask([question(await freePort(), own)], { target, signal: AbortSignal.abort() });

    expect(asked).toEqual({ answered: [], handshakes: 0, unasked: 1 });
    expect(connections).toEqual([]);
  });

  it("GIVEN a connection to the host that is lost THEN that is thrown, and nothing is taken for the services'", async () => {
    const own = await issue();
    const target: Transport["target"] = () => {
      throw new SessionLost("cut off");
    };
    await expect(ask([question(1, own, "a.tld"), question(1, own, "b.tld")], { target })).rejects.toThrow(
      new SessionLost("cut off"),
    );
  });
});
