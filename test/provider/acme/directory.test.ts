import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { timeAhead } from "../../../lib/provider/acme/clock";
import { Directory } from "../../../lib/provider/acme/directory";
import { suggestedRenewal } from "../../../lib/provider/acme/renewal-information";
import type { AcmeTimeouts } from "../../../lib/provider/acme/timeouts";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { LyingCa, type Step } from "../../support/lying-ca";

const timeouts = acmeTimeouts({ pauseMs: 1, attempts: 3, silenceMs: 60_000 });

let ca: LyingCa;
const opened: Directory[] = [];

beforeAll(async () => {
  ca = await LyingCa.start();
});
afterEach(() => {
  ca.behave();
  for (const directory of opened.splice(0)) directory.close();
});
afterAll(() => ca.close());

function open(more: Partial<AcmeTimeouts> = {}): Directory {
  const directory = new Directory(ca.directoryUrl, ca.directoryCaPem, { ...timeouts, ...more });
  opened.push(directory);
  return directory;
}

/** Answers the first few questions in another way. */
function first(
  times: number,
  status: number | null,
  headers: Record<string, string | undefined> = {},
  at: Step = "directory",
): void {
  let left = times;
  ca.lies.push({
    at,
    change: (answer) => {
      if (left-- <= 0) return answer;
      return status === null ? null : { status, headers: { ...answer.headers, ...headers }, body: "busy" };
    },
  });
}

it.each([
  ["cuts the connection", null, {}],
  ["is down for maintenance", 503, {}],
  ["has too much to do", 429, { "retry-after": "0" }],
])(
  "GIVEN a CA that %s twice THEN its directory is asked for again, and found",
  async (_, status, headers) => {
    first(2, status, headers);
    await expect(open().document()).resolves.toMatchObject({ newOrder: `${ca.origin}/order` });
    expect(ca.count("directory")).toBe(3);
  },
);

it("GIVEN a CA that asks to wait for longer than a run may THEN it is not asked again", async () => {
  first(9, 503, { "retry-after": "3600" });
  await expect(open().document()).rejects.toThrow(/answers with status 503/);
  expect(ca.count("directory")).toBe(1);
});

it("GIVEN a CA that does not answer THEN of many who need it the first few wait, and the others learn it from them", async () => {
  first(Number.POSITIVE_INFINITY, null);
  const directory = open();
  const wave = () => Promise.allSettled(Array.from({ length: 10 }, () => directory.document()));
  const failures = [...(await wave()), ...(await wave()), ...(await wave())];
  expect(ca.count("directory")).toBe(timeouts.attempts);
  expect(
    new Set(failures.map((failure) => failure.status === "rejected" && String(failure.reason))).size,
  ).toBe(1);
});

/** A nonce, as an order needs one. */
const nonceOf = (directory: Directory) =>
  directory.withRetries(async () => ({ done: await directory.nonce() }));

/** As the balancer in front of Let's Encrypt answers: without a nonce. */
const NO_NONCE = { "replay-nonce": undefined };

it.each([
  ["is overloaded", 503, NO_NONCE],
  ["limits how often an address asks", 429, { ...NO_NONCE, "retry-after": "0" }],
  ["limits that and does not say for how long", 429, NO_NONCE],
])(
  "GIVEN a CA that %s when asked for a nonce twice THEN it is asked again, and gives one",
  async (_, status, headers) => {
    first(2, status, headers, "nonce");
    await expect(nonceOf(open())).resolves.toMatch(/./);
    expect(ca.count("nonce")).toBe(3);
  },
);

it("GIVEN a CA that gives no nonce for an hour THEN that is said, and when to ask again", async () => {
  first(9, 503, { ...NO_NONCE, "retry-after": "3600" }, "nonce");
  const failure = await nonceOf(open()).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    message: "The CA failed.",
    remedy: expect.stringMatching(/^Apply again after /),
  });
  expect(ca.count("nonce")).toBe(1);
});

/** What one order asks for, and no other. */
const asked = (directory: Directory) =>
  directory.withRetries(async () => ({
    done: await directory.send({ method: "GET", url: `${ca.origin}/revoke` }),
  }));

it("GIVEN a CA that does not answer one order THEN it is asked for the others", async () => {
  ca.lies.push({ at: "revocation", change: () => null });
  const directory = open();
  await directory.document();
  await expect(asked(directory)).rejects.toThrow(/cannot be reached/);
  await expect(nonceOf(directory)).resolves.toMatch(/./);
});

it("GIVEN a slow CA that is asked more at once than there are connections THEN what waits for one is not late", async () => {
  const directory = open({ requestMs: 2_000, attempts: 1 });
  await directory.document();
  ca.latencyMs = 150;
  await Promise.all(Array.from({ length: 320 }, () => asked(directory)));
  expect(ca.count("revocation")).toBe(320);
});

it("GIVEN a CA whose answers take too long THEN all that it was asked at once fails", async () => {
  const directory = open({ requestMs: 100, renewalInformationMs: 100, attempts: 1 });
  await directory.document();
  ca.latencyMs = 10_000;
  const answers = await Promise.allSettled(Array.from({ length: 50 }, () => asked(directory)));
  expect(new Set(answers.map((answer) => answer.status === "rejected" && String(answer.reason)))).toEqual(
    new Set([expect.stringMatching(/did not answer in time/)]),
  );
});

it("GIVEN a CA that no longer answers anything THEN what is asked after the first order fails at once", async () => {
  const directory = open();
  await directory.document();
  for (const at of ["revocation", "nonce"] as const) ca.lies.push({ at, change: () => null });
  await expect(asked(directory)).rejects.toThrow(/cannot be reached/);
  await expect(asked(directory)).rejects.toThrow(/cannot be reached/);
  expect(ca.count("revocation")).toBe(timeouts.attempts);
});

it("GIVEN a CA that answers again THEN it is asked again, once that time is over", async () => {
  first(timeouts.attempts, null);
  const directory = open({ silenceMs: 0 });
  await expect(directory.document()).rejects.toThrow(/cannot be reached/);
  await expect(directory.document()).resolves.toBeDefined();
});

it("GIVEN a CA that does not answer about renewals THEN a plan asks it once, and an order is not held back by that", async () => {
  ca.lies.push({ at: "renewal information", change: () => null });
  const directory = open();
  for (const id of ["a", "b", "c"]) expect(await suggestedRenewal(directory, id)).toBeNull();
  expect(ca.count("renewal information")).toBe(1);
  await expect(directory.nonce()).resolves.toMatch(/./);
});

it("GIVEN a CA that gives no nonce WHEN a plan compares its clock with an answer from far ahead THEN it asks once, and believes nothing", async () => {
  ca.lies.push({ at: "nonce", change: () => null });
  const directory = open();
  const ahead = new Date(Date.now() + 10 * 86_400_000);
  for (let count = 0; count < 3; count++) expect(await timeAhead(directory, ahead)).toBeNull();
  expect(ca.count("nonce")).toBe(1);
});

it("GIVEN a CA whose directory cannot be reached THEN a plan asks for it once, and not for as long as an order would", async () => {
  first(Number.POSITIVE_INFINITY, null);
  const directory = open();
  for (const id of ["a", "b", "c"]) expect(await suggestedRenewal(directory, id)).toBeNull();
  expect(ca.count("directory")).toBe(1);
});
