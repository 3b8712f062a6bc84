import { X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { judged, type Result, Summary } from "../../../../lib/cli/verify/judgement/summary";
import type { ExpectedAnswer, Question } from "../../../../lib/cli/verify/questions/question";
import { HtmlReport } from "../../../../lib/cli/verify/reports/html/report";
import { JsonReport } from "../../../../lib/cli/verify/reports/json";
import { JunitReport } from "../../../../lib/cli/verify/reports/junit";
import { OpenMetricsReport } from "../../../../lib/cli/verify/reports/open-metrics";
import type { Report } from "../../../../lib/cli/verify/reports/report";
import { TextReport } from "../../../../lib/cli/verify/reports/text";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Answered, Outcome } from "../../../../lib/shared/tls/schedule";
import { issue } from "../../../support/certificates";
import { question } from "../support/questions";

const AT = new Date("2026-11-30T10:00:00Z");
const failed = (error: HandshakeError): Outcome => ({ kind: "failed", error });
const refused = failed(HandshakeError.ofConnection("refused", new Error("ECONNREFUSED")));
const withoutStartTls = failed(HandshakeError.startTlsNotOffered("STARTTLS"));
const slow = failed(HandshakeError.timeout("connect", 1000));
const alert = failed(HandshakeError.alert(112, null));
let served: Outcome;
beforeAll(async () => {
  const leaf = new X509Certificate((await issue({ dnsNames: ["imap.domain1.tld"] })).pem);
  served = { kind: "presented", presentation: { version: "TLSv1.3", certificates: [leaf] } };
});

interface At {
  readonly answer?: ExpectedAnswer;
  readonly address?: string;
  readonly name?: string;
}

function at(port: number, outcome: Outcome, { answer = "optional", ...more }: At = {}): Answered<Question> {
  return { question: question({ port, ...more, expected: { answer } }), outcome };
}

async function results(...answers: readonly Answered<Question>[]): Promise<Result[]> {
  const found: Result[] = [];
  const arriving = (async function* () {
    yield* answers;
  })();
  for await (const result of judged(arriving, { trust: new TrustStore([]), at: AT })) found.push(result);
  return found;
}

/** The findings at closed ports, as `port severity code`. */
async function said(...answers: readonly Answered<Question>[]): Promise<string[]> {
  return (await results(...answers))
    .filter(({ outcome }) => outcome.kind !== "presented")
    .flatMap(({ question: { endpoint }, findings }) =>
      findings.map(({ severity, code }) => `${endpoint.port} ${severity} ${code}`),
    )
    .sort();
}

describe("optional ports", () => {
  it.each([
    ["nothing listens", refused],
    ["no STARTTLS is offered", withoutStartTls],
  ])(
    "GIVEN one at which %s, while another answers THEN it is a note, whichever is asked first",
    async (_, closed) => {
      const [open, other] = [at(993, served), at(110, closed)];
      expect(await said(open, other)).toEqual(["110 note VERIFY_PORT_UNUSED"]);
      expect(await said(other, open)).toEqual(["110 note VERIFY_PORT_UNUSED"]);
    },
  );

  it("GIVEN a closed port that was declared THEN it is an error", async () => {
    const [one, other] = [
      at(110, refused, { answer: "required" }),
      at(143, withoutStartTls, { answer: "required" }),
    ];
    expect(await said(at(993, served), one, other)).toEqual([
      "110 error VERIFY_NO_ANSWER",
      "143 error VERIFY_NO_STARTTLS",
    ]);
  });

  it("GIVEN a declared port that answers THEN an optional one may be closed", async () => {
    expect(await said(at(993, served, { answer: "required" }), at(110, refused))).toEqual([
      "110 note VERIFY_PORT_UNUSED",
    ]);
  });

  it("GIVEN that all are closed THEN each is an error", async () => {
    expect(await said(at(993, refused), at(995, refused), at(143, withoutStartTls))).toEqual([
      "143 error VERIFY_NO_STARTTLS",
      "993 error VERIFY_NO_ANSWER",
      "995 error VERIFY_NO_ANSWER",
    ]);
  });

  it("GIVEN that all are closed at one of two addresses THEN they are errors there", async () => {
    const there = { address: "2001:db8::1" };
    expect(
      await said(at(993, served), at(110, refused), at(993, refused, there), at(110, refused, there)),
    ).toEqual(["110 error VERIFY_NO_ANSWER", "110 note VERIFY_PORT_UNUSED", "993 error VERIFY_NO_ANSWER"]);
  });

  it("GIVEN another service that answers THEN it does not count", async () => {
    const other = at(110, refused);
    const qmail = { ...other.question, endpoint: { ...other.question.endpoint, service: "qmail" } };
    expect(await said(at(993, served), { ...other, question: qmail })).toEqual([
      "110 error VERIFY_NO_ANSWER",
    ]);
  });

  it("GIVEN a port that is closed for some of the names only THEN it is an error: its server comes and goes", async () => {
    const [closed, open] = [at(995, refused, { name: "a.test" }), at(995, served, { name: "b.test" })];
    for (const both of [
      [closed, open],
      [open, closed],
    ])
      expect(await said(at(993, served), ...both)).toEqual(["995 error VERIFY_NO_ANSWER"]);
  });

  it("GIVEN a port that times out THEN it is an error", async () => {
    expect(await said(at(993, served), at(110, slow))).toEqual(["110 error VERIFY_NO_ANSWER"]);
  });

  it("GIVEN another port with a TLS alert THEN it answers; with words in clear alone, it does not", async () => {
    expect(await said(at(993, alert), at(110, refused))).toContain("110 note VERIFY_PORT_UNUSED");
    const words = failed(HandshakeError.unexpectedLine("greeting", "HTTP/1.1 400"));
    expect(await said(at(993, words), at(110, refused))).toContain("110 error VERIFY_NO_ANSWER");
  });

  it("GIVEN answers in any order THEN the findings are the same, and none is lost", async () => {
    const outcome = fc.constantFrom(null, refused, withoutStartTls, slow, alert);
    const answer = fc
      .record({
        port: fc.constantFrom(993, 995, 143, 110),
        outcome,
        answer: fc.constantFrom("optional", "required" as const),
      })
      .map((one) => at(one.port, one.outcome ?? served, { answer: one.answer as ExpectedAnswer }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        async (all, random) => {
          const shuffled = all
            .map((one) => [random.next().value as number, one] as const)
            .sort(([one], [other]) => one - other)
            .map(([, one]) => one);
          expect(await said(...shuffled)).toEqual(await said(...all));
          expect(await results(...all)).toHaveLength(all.length);
        },
      ),
    );
  });
});

describe("a port that is not in use", () => {
  const NAMES = ["a.test", "b.test"];

  async function reported(report: Report): Promise<string> {
    const summary = new Summary();
    let text = report.begin();
    const answers = NAMES.flatMap((name) => [at(993, served, { name }), at(110, refused, { name })]);
    for (const result of await results(...answers)) {
      // What is served there is the matter of other tests.
      const findings = result.outcome.kind === "presented" ? [] : result.findings;
      summary.add({ ...result, findings });
      text += report.add({ ...result, findings });
    }
    expect(summary.exitCode).toBe(0);
    return text + report.end(summary);
  }

  it("THEN the text has one line for it, which says what makes it binding", async () => {
    const terminal = { hasColour: false, hasProgress: false };
    expect((await reported(new TextReport({ terminal, isVerbose: false }))).split("\n")).toEqual([
      expect.stringMatching(
        /^note {4}mx1 \(127\.0\.0\.1\) port 110 \(tls\): .*refused.* other.* of dovecot answer.*`endpoints`: then a closed one is an error.*\[VERIFY_PORT_UNUSED\]$/,
      ),
      "2 of 2 handshakes are right; 0 errors, 0 warnings, 2 notes.",
      "",
    ]);
  });

  it("THEN JSON has it at each handshake, and in the totals", async () => {
    const { results: listed, summary } = JSON.parse(await reported(new JsonReport(AT)));
    const closed = listed.filter(({ port }: { port: number }) => port === 110);
    expect(closed).toMatchObject(
      NAMES.map(() => ({
        status: "note",
        expected: { answer: "optional" },
        failure: { kind: "refused" },
        findings: [{ code: "VERIFY_PORT_UNUSED", severity: "note" }],
      })),
    );
    expect(summary).toMatchObject({ handshakes: 4, unused: 2, right: 2, errors: 0, notes: 2, exitCode: 0 });
  });

  it("THEN JUnit, the page and the metrics have it", async () => {
    expect(await reported(new JunitReport())).toMatch(
      /port 110[^<]*"><system-out>note: .*VERIFY_PORT_UNUSED/,
    );
    expect(await reported(new HtmlReport(AT))).toContain('data-filter="VERIFY_PORT_UNUSED"');
    const metrics = (await reported(new OpenMetricsReport(AT))).split("\n");
    const unused = metrics.filter((line) => line.startsWith("mail_sni_port_unused{"));
    expect(unused).toEqual([
      'mail_sni_port_unused{host="mx1",service="dovecot",address="127.0.0.1",port="110",protocol="tls"} 1',
      'mail_sni_port_unused{host="mx1",service="dovecot",address="127.0.0.1",port="993",protocol="tls"} 0',
    ]);
  });
});
