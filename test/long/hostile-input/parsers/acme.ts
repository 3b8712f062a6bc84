import { topIssuers } from "../../../../lib/provider/acme/chain";
import {
  parseAccount,
  parseAlternates,
  parseAuthorization,
  parseChain,
  parseDate,
  parseDirectory,
  parseLocation,
  parseNonce,
  parseOrder,
  parseRenewalWindow,
  parseRetryAfter,
} from "../../../../lib/provider/acme/documents";
import { explain } from "../../../../lib/provider/acme/explanation";
import { parseProblem } from "../../../../lib/provider/acme/problem";
import { type CertificateSeeds, NAMES, PEM_REPEATS } from "./certificates";
import type { Parser } from "./parser";
import { acme, only } from "./refusals";

const URL_BASE = "https://ca.test";

export function acmeParsers({ chains }: CertificateSeeds): Parser[] {
  const document = (
    name: string,
    seeds: readonly object[],
    read: (url: string, reply: { body: string }) => unknown,
  ): Parser => ({
    name,
    seeds: seeds.map((seed) => JSON.stringify(seed)),
    throws: acme,
    read: (input) => read(`${URL_BASE}/${name.replaceAll(" ", "-")}`, { body: input.toString() }),
  });
  const header = (
    name: string,
    seeds: readonly string[],
    read: (headers: Record<string, string>) => unknown,
    key: string,
  ): Parser => ({ name, seeds, throws: acme, read: (input) => read({ [key]: input.toString() }) });
  const problem = {
    type: "urn:ietf:params:acme:error:rejectedIdentifier",
    detail: "Some are refused: see https://ca.test/docs",
    subproblems: [
      { type: "urn:ietf:params:acme:error:caa", detail: "no", identifier: { type: "dns", value: "a.test" } },
    ],
  };
  const order = {
    status: "valid",
    finalize: `${URL_BASE}/finalize/1`,
    authorizations: [`${URL_BASE}/authorization/1`],
    certificate: `${URL_BASE}/certificate/1`,
    error: problem,
  };
  return [
    document(
      "a CA's directory",
      [
        {
          newNonce: `${URL_BASE}/nonce`,
          newAccount: `${URL_BASE}/account`,
          newOrder: `${URL_BASE}/order`,
          revokeCert: `${URL_BASE}/revoke`,
          renewalInfo: `${URL_BASE}/renewal`,
        },
      ],
      parseDirectory,
    ),
    document("an account", [{ status: "valid", contact: ["mailto:a@example.org"] }], parseAccount),
    document("an order", [order, { ...order, status: "pending", certificate: undefined }], (url, reply) =>
      parseOrder(url, reply, NAMES.length),
    ),
    document(
      "an authorisation",
      [
        {
          status: "pending",
          identifier: { type: "dns", value: "example.org" },
          wildcard: true,
          challenges: [
            { type: "dns-01", url: `${URL_BASE}/challenge/1`, token: "abcdefghijklmnop", status: "pending" },
            { type: "http-01", url: `${URL_BASE}/challenge/2`, token: "qrstuvwxyzABCDEF", error: problem },
          ],
        },
      ],
      (url, reply) => parseAuthorization(url, reply, NAMES),
    ),
    {
      name: "a CA's chain",
      seeds: chains,
      throws: acme,
      read: (input) => {
        const chain = parseChain(`${URL_BASE}/chain`, { body: input.toString() });
        return [chain, topIssuers([chain])];
      },
      repeats: PEM_REPEATS,
    },
    {
      name: "a CA's problem",
      seeds: [JSON.stringify(problem), JSON.stringify({ type: "about:blank", detail: "no", status: 500 })],
      throws: only(SyntaxError),
      read: (input) => {
        const { message, remedy, names } = explain(parseProblem(JSON.parse(input.toString())), new Date());
        return [message, remedy, names];
      },
      repeats: ["https://a", '{"detail":"x"},'],
    },
    document(
      "renewal information",
      [
        {
          suggestedWindow: { start: "2026-01-02T00:00:00Z", end: "2026-01-03T00:00:00Z" },
          explanationURL: `${URL_BASE}/incident`,
        },
      ],
      parseRenewalWindow,
    ),
    header(
      "the header Retry-After",
      ["120", "Wed, 21 Oct 2026 07:28:00 GMT"],
      (headers) => {
        const wait = parseRetryAfter({ headers });
        return wait === undefined ? null : new Date(Date.now() + wait).toISOString();
      },
      "retry-after",
    ),
    header(
      "the header Date",
      ["Wed, 21 Oct 2026 07:28:00 GMT"],
      (headers) => parseDate({ headers })?.toISOString() ?? null,
      "date",
    ),
    header(
      "the header Link",
      [`<${URL_BASE}/alternate/1>;rel="alternate", <${URL_BASE}/directory>;rel="index"`],
      (headers) => parseAlternates({ headers }),
      "link",
    ),
    header(
      "the header Replay-Nonce",
      ["oFvnlFP1wIhRlYS2jTaXbA"],
      (headers) => parseNonce({ headers }),
      "replay-nonce",
    ),
    header(
      "the header Location",
      [`${URL_BASE}/order/1`],
      (headers) => parseLocation(URL_BASE, { headers }),
      "location",
    ),
  ];
}
