import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RenewalHost, type Row, TOKEN } from "./renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "smtp.b.test"] };
const C: Row = { names: ["c.test", "imap.c.test"] };

/** Commands that change something, and those that look or compute. */
const CHANGING = ["mv", "ln", "cp", "rm", "rmdir", "mkdir", "chmod", "chown", "sync", "timeout"];
const LOOKING = [
  "awk",
  "cat",
  "grep",
  "sort",
  "stat",
  "sha256sum",
  "openssl",
  "head",
  "tail",
  "tr",
  "sed",
  "date",
];

/** Counts the program's commands, and kills it, with all that it has started, before one of them. */
function killBefore(commands: readonly string[], at: number, counter: string): string {
  const tick = `tick() {
  ticks=$(($(command cat '${counter}') + 1))
  printf '%s\\n' "$ticks" >'${counter}'
  [ "$ticks" -ne ${at} ] || kill -9 -$$
}
`;
  return tick + commands.map((name) => `${name}() { tick; command ${name} "$@"; }\n`).join("");
}

interface Pems {
  readonly old: string;
  readonly a: string;
  readonly b: string;
  readonly c: string;
}

/** One certificate is renewed, a row goes, one comes. */
async function prepared(): Promise<{ readonly on: RenewalHost; readonly pems: Pems }> {
  const on = new RenewalHost();
  on.declare(A, B);
  const [old, b] = [await on.order(A), await on.order(B)];
  expect(await on.run(["install"])).toEqual({ exitCode: 0, output: "" });
  on.declare(A, C);
  const pems = { old, b, a: await on.order(A), c: await on.order(C) };
  return { on, pems };
}

const state = (on: RenewalHost, path: string) => (on.has(path) ? on.read(path) : undefined);

/** Each file is whole, old or new, and no configuration names what is not there. */
function expectWhole(on: RenewalHost, { old, a, b, c }: Pems): void {
  const [ofA, ofB, ofC] = [A, B, C].map(({ names }) => on.pathsOf(names[0]));
  if (!ofA || !ofB || !ofC) throw new Error("There are three rows.");
  for (const path of [ofA.filed, ofA.served, "/etc/served/default.pem"])
    expect([old, a]).toContain(state(on, path));
  for (const path of [ofB.filed, ofB.served]) expect([b, undefined]).toContain(state(on, path));
  for (const path of [ofC.filed, ofC.served]) expect([c, undefined]).toContain(state(on, path));
  for (const { snippet, served } of [ofA, ofB, ofC])
    if (on.has(snippet)) expect(state(on, served)).toBeDefined();
}

/** What is served is what is there, or the host knows that its service has not been told. */
function expectServedOrPending(on: RenewalHost): void {
  const isServed = [A, B, C].every(({ names: [name] }) => {
    const { served, snippet } = on.pathsOf(name);
    return on.loaded(name) === (on.has(snippet) ? state(on, served) : undefined);
  });
  if (!isServed) expect(on.ledger().pendingActivations.map(({ service }) => service)).toContain("served");
}

async function expectFinished(on: RenewalHost, { a, c }: Pems): Promise<void> {
  expect(await on.run(["install"])).toMatchObject({ exitCode: 0 });
  expect(
    ["a.test", "imap.a.test", "b.test", "c.test", "imap.c.test", "default"].map((name) => on.loaded(name)),
  ).toEqual([a, a, undefined, c, c, a]);
  expect(Object.keys(on.tree()).filter((path) => path.includes("b.test"))).toEqual([]);
  expect([on.leftovers(), on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], [], []]);
  const files = Object.keys(on.tree()).filter(
    (path) => !path.endsWith("/") && path !== "/etc/served/served.conf",
  );
  expect([...on.ledger().pathsOf(TOKEN)].sort()).toEqual(
    [...files.map((path) => on.at(path)), on.program].sort(),
  );
}

/** A batch for each row, one right after the other. */
const BATCHED = "most_rows=1\nsleep() { :; }\n";

/** @returns the number of the command before which it was killed, or undefined if it ended before that */
async function killAt(commands: readonly string[], at: number, before = ""): Promise<number | undefined> {
  const { on, pems } = await prepared();
  try {
    const counter = join(on.temporary, "counter");
    writeFileSync(counter, "0\n");
    const { exitCode } = await on.run(["install"], { prelude: before + killBefore(commands, at, counter) });
    if (exitCode !== null) return undefined;
    expectWhole(on, pems);
    expectServedOrPending(on);
    await expectFinished(on, pems);
    return Number(existsSync(counter) ? readFileSync(counter, "utf8") : 0);
  } finally {
    on.remove();
  }
}

/**
 * @param every how many commands there are from one kill to the next
 * @param thorough whether it is killed before commands that only look, too
 * @param batched whether it installs each row by itself
 */
export function killScenarios({
  every,
  thorough,
  batched = false,
}: {
  readonly every: number;
  readonly thorough: boolean;
  readonly batched?: boolean;
}): void {
  const title = batched ? "the renewal program, which installs row by row," : "the renewal program,";
  describe(`${title} killed with all that it has started`, () => {
    it("BEFORE any of its commands THEN files are whole, what is not served is pending, and the next run finishes it", async () => {
      const commands = thorough ? [...CHANGING, ...LOOKING] : CHANGING;
      let kills = 0;
      const before = batched ? BATCHED : "";
      for (let at = 1; (await killAt(commands, at, before)) !== undefined; at += every) kills++;
      console.info(`it was killed before ${kills} of its commands`);
      expect(kills).toBeGreaterThan(5);
    }, 3_000_000);
  });
}
