import { describe, expect, it } from "vitest";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import {
  type Answered,
  type Ask,
  answers,
  type Outcome,
  type Question,
} from "../../../lib/shared/tls/schedule";

const PRESENTED = { kind: "presented" } as Outcome;
const TIMED_OUT: Outcome = { kind: "failed", error: HandshakeError.timeout("connect", 1) };
const REFUSED: Outcome = { kind: "failed", error: HandshakeError.ofConnection("refused", new Error("x")) };
const ALERT: Outcome = { kind: "failed", error: HandshakeError.alert(112, null) };

const namesOn = (port: number, count: number, address = "127.0.0.1"): Question[] =>
  Array.from({ length: count }, () => ({ address, endpoint: { port } }));

async function all(
  questions: readonly Question[],
  ask: Ask<Question>,
  connections = 4,
): Promise<Answered<Question>[]> {
  const answered: Answered<Question>[] = [];
  for await (const one of answers(questions, { ask, connections })) answered.push(one);
  return answered;
}

/** Answers when it is told to. */
class Gate {
  readonly asked: Question[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly ask: Ask<Question> = (asked) => {
    this.asked.push(asked);
    return new Promise((resolve) => this.#waiting.push(() => resolve(PRESENTED)));
  };

  async open(): Promise<void> {
    for (const answer of this.#waiting.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("answers", () => {
  it("GIVEN questions THEN each is answered once", async () => {
    const questions = [...namesOn(993, 50), ...namesOn(25, 50), ...namesOn(993, 50, "127.0.0.2")];
    const answered = await all(questions, async () => PRESENTED);
    expect(new Set(answered.map((one) => one.question))).toEqual(new Set(questions));
    expect(answered).toHaveLength(questions.length);
  });

  it("GIVEN none THEN there is nothing", async () => {
    expect(await all([], async () => PRESENTED)).toEqual([]);
  });

  it("GIVEN an address THEN so many connections are open to it at a time, and others beside", async () => {
    const gate = new Gate();
    const done = all([...namesOn(993, 9), ...namesOn(993, 9, "127.0.0.2")], gate.ask, 3);
    // One for each until it has answered.
    expect(gate.asked.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.2"]);
    await gate.open();
    expect(gate.asked).toHaveLength(2 + 3 + 3);
    for (let round = 0; round < 4; round += 1) await gate.open();
    expect(await done).toHaveLength(18);
  });

  it("GIVEN an endpoint that does not answer THEN the others of its host are asked meanwhile", async () => {
    const ask: Ask<Question> = ({ endpoint }) =>
      endpoint.port === 25 ? new Promise(() => {}) : Promise.resolve(PRESENTED);
    const seen: number[] = [];
    for await (const { question: asked } of answers([...namesOn(25, 9), ...namesOn(993, 9)], {
      ask,
      connections: 4,
    })) {
      seen.push(asked.endpoint.port);
      if (seen.length === 9) break;
    }
    expect(seen).toEqual(Array(9).fill(993));
  });

  it("GIVEN an endpoint that answers slowly THEN the others of its host are asked meanwhile", async () => {
    let asked = 0;
    const ask: Ask<Question> = ({ endpoint }) =>
      endpoint.port === 25 && asked++ > 0 ? new Promise(() => {}) : Promise.resolve(PRESENTED);
    const seen: number[] = [];
    for await (const { question } of answers([...namesOn(25, 50), ...namesOn(993, 50)], {
      ask,
      connections: 4,
    })) {
      if (question.endpoint.port === 993) seen.push(question.endpoint.port);
      if (seen.length === 50) break;
    }
    // Once the others are done, it has all connections.
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(1 + 4);
  });

  it("GIVEN an endpoint that failed twice in the same way THEN its other names are not asked", async () => {
    let asked = 0;
    const answered = await all(namesOn(993, 50), async () => {
      asked += 1;
      return TIMED_OUT;
    });
    expect(asked).toBe(2);
    expect(answered.map(({ outcome }) => outcome.kind)).toEqual([
      "failed",
      "failed",
      ...Array(48).fill("not-asked"),
    ]);
  });

  it("GIVEN a host that is down, and tens of thousands of names THEN each is answered", async () => {
    const questions = [25, 143, 993].flatMap((port) => namesOn(port, 20_000));
    expect(await all(questions, async () => REFUSED)).toHaveLength(60_000);
  });

  it("GIVEN a failure now and then, or alerts about names THEN all are asked", async () => {
    let asked = 0;
    const turns = [TIMED_OUT, PRESENTED, REFUSED, ALERT, ALERT, ALERT, TIMED_OUT, PRESENTED];
    const answered = await all(namesOn(993, 40), async () => turns[asked++ % turns.length] as Outcome, 1);
    expect(asked).toBe(40);
    expect(answered.filter(({ outcome }) => outcome.kind === "not-asked")).toEqual([]);
  });

  it("GIVEN a caller that takes nothing for a while THEN few handshakes are made meanwhile, and all in the end", async () => {
    let asked = 0;
    const questions = [...namesOn(993, 500), ...namesOn(993, 500, "127.0.0.2")];
    const ask: Ask<Question> = async () => {
      asked += 1;
      return PRESENTED;
    };
    let taken = 0;
    let most = 0;
    for await (const _ of answers(questions, { ask, connections: 4 })) {
      taken += 1;
      if (taken % 50 === 1) await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, asked - taken);
    }
    expect(taken).toBe(1000);
    expect(most).toBeLessThan(200);
  });
});
