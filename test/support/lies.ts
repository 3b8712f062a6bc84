import type { Answer, Lie, LyingCa, Step } from "./lying-ca";

type Document = Record<string, unknown>;

/** Another body, with the status of success. */
const says = (body: string) => (answer: Answer) => ({ ...answer, body });
/** Other fields in the JSON that there would be. */
const has = (fields: Document | ((ca: LyingCa) => Document)) => (answer: Answer, ca: LyingCa) => ({
  ...answer,
  body: JSON.stringify({
    ...JSON.parse(answer.body),
    ...(typeof fields === "function" ? fields(ca) : fields),
  }),
});
const lacks = (field: string) => has({ [field]: undefined });
const withHeaders = (headers: Answer["headers"]) => (answer: Answer) => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
});
const refuses =
  (status: number, problem: unknown, headers: Answer["headers"] = {}) =>
  (answer: Answer) => ({ status, headers: { ...answer.headers, ...headers }, body: JSON.stringify(problem) });
const challenges = (fields: Document) => (answer: Answer) => {
  const document = JSON.parse(answer.body);
  const changed = document.challenges.map((challenge: Document) => ({ ...challenge, ...fields }));
  return { ...answer, body: JSON.stringify({ ...document, challenges: changed }) };
};
const nested = (depth: number) => `${'{"subproblems":['.repeat(depth)}{}${"]}".repeat(depth)}`;

/** What a hook must never be given as a name. */
const HOSTILE_NAME = "$(touch /tmp/mail-sni-owned);--help";

const NOT_JSON: readonly [string, string][] = [
  ["nothing", ""],
  ["null", "null"],
  ["a list", "[]"],
  ["a text", '"ok"'],
  ["a page of HTML", "<html>Service unavailable</html>"],
  ["half of it", '{"status":"val'],
];

/** Steps whose answers are JSON objects. */
const DOCUMENTS: readonly Step[] = ["directory", "order", "authorization", "order status", "finalize"];

const NOT_URLS: readonly [string, unknown][] = [
  ["a number", 7],
  ["null", null],
  ["no URL", "order/1"],
  ["a file", "file:///etc/passwd"],
  ["a script", "javascript:alert(1)"],
  ["a URL with a user", "https://root:secret@localhost/order/1"],
  ["a URL with a line break", "https://localhost/or\nder/1"],
  ["plain HTTP to another host", "http://192.0.2.1/order/1"],
  ["a URL of 10,000 characters", `https://localhost/${"x".repeat(10_000)}`],
];

const URLS: readonly [Step, string][] = [
  ["directory", "newNonce"],
  ["directory", "newOrder"],
  ["order", "finalize"],
  ["finalize", "certificate"],
];

/**
 * Each misbehaviour of a CA that keeps a certificate from being issued, by its name. `LyingCa` tells those that are put among its
 * `lies`.
 */
export const LIES: Readonly<Record<string, Lie>> = {
  ...Object.fromEntries(
    DOCUMENTS.flatMap((at) =>
      NOT_JSON.map(([what, body]) => [`${at}: ${what} instead of an object`, { at, change: says(body) }]),
    ),
  ),
  ...Object.fromEntries(
    URLS.flatMap(([at, field]) =>
      NOT_URLS.map(([what, value]) => [
        `${at}: ${field} is ${what}`,
        { at, change: has({ [field]: value }) },
      ]),
    ),
  ),
  "directory: no newOrder": { at: "directory", change: lacks("newOrder") },
  "directory: a redirect": { at: "directory", change: refuses(302, {}, { location: "https://localhost/" }) },
  "directory: more than a megabyte": { at: "directory", change: says(" ".repeat(2_000_000)) },
  "nonce: none": { at: "nonce", change: (answer) => ({ ...answer, headers: {} }) },
  "nonce: with a space": { at: "nonce", change: withHeaders({ "replay-nonce": "a b" }) },
  "nonce: 10,000 characters": { at: "nonce", change: withHeaders({ "replay-nonce": "a".repeat(10_000) }) },
  "order: no Location": { at: "order", change: withHeaders({ location: undefined }) },
  "order: Location is a path": { at: "order", change: withHeaders({ location: "/order/1" }) },
  "order: Location is plain HTTP elsewhere": {
    at: "order",
    change: withHeaders({ location: "http://192.0.2.1/order/1" }),
  },
  "order: no authorisations": { at: "order", change: lacks("authorizations") },
  "order: authorisations are a text": { at: "order", change: has({ authorizations: "none" }) },
  "order: authorisations hold a number": { at: "order", change: has({ authorizations: [1] }) },
  "order: 10,000 authorisations": {
    at: "order",
    change: has((ca) => ({ authorizations: new Array(10_000).fill(`${ca.origin}/authorization/1/0`) })),
  },
  "order: a status of its own": { at: "order", change: has({ status: "perhaps" }) },
  "authorization: no identifier": { at: "authorization", change: lacks("identifier") },
  "authorization: the identifier is a text": { at: "authorization", change: has({ identifier: "a.test" }) },
  "authorization: for a name that a shell would run": {
    at: "authorization",
    change: has({ identifier: { type: "dns", value: HOSTILE_NAME } }),
  },
  "authorization: for an option": {
    at: "authorization",
    change: has({ identifier: { type: "dns", value: "--help" } }),
  },
  "authorization: for another name": {
    at: "authorization",
    change: has({ identifier: { type: "dns", value: "bank.example.org" } }),
  },
  "authorization: for an address": {
    at: "authorization",
    change: has({ identifier: { type: "ip", value: "192.0.2.1" } }),
  },
  "authorization: challenges are null": { at: "authorization", change: has({ challenges: null }) },
  "authorization: a challenge is null": { at: "authorization", change: has({ challenges: [null] }) },
  "authorization: no challenges": { at: "authorization", change: has({ challenges: [] }) },
  "authorization: 10,000 challenges": {
    at: "authorization",
    change: has({ challenges: new Array(10_000).fill({ type: "dns-01" }) }),
  },
  "authorization: no token": { at: "authorization", change: challenges({ token: undefined }) },
  "authorization: a token that is a path": {
    at: "authorization",
    change: challenges({ token: "../../../../etc/cron.d/mail" }),
  },
  "authorization: a token that is an option": {
    at: "authorization",
    change: challenges({ token: "; reboot #############" }),
  },
  "authorization: a challenge without a URL": { at: "authorization", change: challenges({ url: undefined }) },
  "authorization: a challenge elsewhere in plain HTTP": {
    at: "authorization",
    change: challenges({ url: "http://192.0.2.1/challenge" }),
  },
  "order status: invalid, without a reason": {
    at: "order status",
    change: has({ status: "invalid", error: null }),
  },
  "order status: invalid, for a number": {
    at: "order status",
    change: has({ status: "invalid", error: 42 }),
  },
  "order status: invalid, for what is nested 10,000 times": {
    at: "order status",
    change: has({ status: "invalid", error: JSON.parse(nested(1_000)) }),
  },
  "finalize: valid, without a certificate": { at: "finalize", change: lacks("certificate") },
  "order: a problem nested 50,000 times": {
    at: "order",
    change: (answer) => ({ ...answer, status: 400, body: nested(50_000) }),
  },
  "order: a problem that is null": { at: "order", change: refuses(400, null) },
  "order: a problem of a megabyte": { at: "order", change: refuses(400, { detail: "x".repeat(1_000_000) }) },
  "order: a problem with 10,000 parts": {
    at: "order",
    change: refuses(400, { subproblems: new Array(10_000).fill({ detail: "x" }) }),
  },
  "order: to be tried again in a million years": {
    at: "order",
    change: refuses(
      429,
      { type: "urn:ietf:params:acme:error:rateLimited" },
      { "retry-after": "9".repeat(17) },
    ),
  },
  "order: to be tried again on no day": {
    at: "order",
    change: refuses(429, { type: "urn:ietf:params:acme:error:rateLimited" }, { "retry-after": "yesterday" }),
  },
  "order: a bad nonce each time": {
    at: "order",
    change: refuses(400, { type: "urn:ietf:params:acme:error:badNonce" }),
  },
  "certificate: nothing": { at: "certificate", change: says("") },
  "certificate: JSON": { at: "certificate", change: says("{}") },
  "certificate: a block of rubbish": {
    at: "certificate",
    change: says("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
  },
  "certificate: a private key": {
    at: "certificate",
    change: (answer) => ({ ...answer, body: answer.body.replaceAll("CERTIFICATE", "PRIVATE KEY") }),
  },
  "certificate: a key behind it": {
    at: "certificate",
    change: (answer) => ({
      ...answer,
      body: `${answer.body}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
    }),
  },
  "certificate: the chain alone": {
    at: "certificate",
    change: (answer) => ({ ...answer, body: answer.body.slice(answer.body.lastIndexOf("-----BEGIN")) }),
  },
  "certificate: the chain first": {
    at: "certificate",
    change: (answer) => {
      const second = answer.body.lastIndexOf("-----BEGIN");
      return { ...answer, body: answer.body.slice(second) + answer.body.slice(0, second) };
    },
  },
  "certificate: cut in the middle": {
    at: "certificate",
    change: (answer) => ({ ...answer, body: answer.body.slice(0, answer.body.length / 3) }),
  },
  "certificate: a hundred times": {
    at: "certificate",
    change: (answer) => ({ ...answer, body: answer.body.repeat(100) }),
  },
};

/** Misbehaviours when an account is made, or found again. */
export const ACCOUNT_LIES: Readonly<Record<string, Lie>> = {
  "no Location": { at: "account", change: withHeaders({ location: undefined }) },
  "Location is a path": { at: "account", change: withHeaders({ location: "/account/1" }) },
  ...Object.fromEntries(
    NOT_JSON.map(([what, body]) => [
      `found again: ${what} instead of an object`,
      { at: "account" as const, change: (answer: Answer) => ({ ...answer, status: 200, body }) },
    ]),
  ),
  "found again: with a status of its own": {
    at: "account",
    change: (answer) => ({ ...answer, status: 200, body: '{"status":"perhaps"}' }),
  },
};

/** Misbehaviours that cost no certificate. */
export const HARMLESS_LIES: Readonly<Record<string, Lie>> = {
  "renewal information: null": { at: "renewal information", change: says("null") },
  "renewal information: no window": { at: "renewal information", change: says("{}") },
  "renewal information: a window of numbers": {
    at: "renewal information",
    change: says('{"suggestedWindow":{"start":1,"end":2}}'),
  },
  "renewal information: a window that ends before it begins": {
    at: "renewal information",
    change: says('{"suggestedWindow":{"start":"2030-01-02T00:00:00Z","end":"2030-01-01T00:00:00Z"}}'),
  },
  "renewal information: a window in no year": {
    at: "renewal information",
    change: says('{"suggestedWindow":{"start":"-271821-04-20T00:00:00Z","end":"+275760-09-13T00:00:00Z"}}'),
  },
  "renewal information: a failure": { at: "renewal information", change: refuses(500, {}) },
  "renewal information: no connection": { at: "renewal information", change: () => null },
  "alternate: nothing": { at: "alternate", change: says("") },
  "alternate: rubbish": {
    at: "alternate",
    change: says("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
  },
  "alternate: a failure": { at: "alternate", change: refuses(404, null) },
  "certificate: alternates at no URLs": {
    at: "certificate",
    change: withHeaders({
      link: '<file:///etc/passwd>;rel="alternate", <http://192.0.2.1/>;rel="alternate", <>;rel="alternate"',
    }),
  },
  "certificate: a thousand alternates": {
    at: "certificate",
    change: (answer, ca) =>
      withHeaders({ link: new Array(100).fill(`<${ca.origin}/alternate/none>;rel="alternate"`).join(", ") })(
        answer,
      ),
  },
};
