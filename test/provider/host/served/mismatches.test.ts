import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { forwardingRefusal, mismatchesIn } from "../../../../lib/provider/host/served/mismatches";
import type { ServedQuestion } from "../../../../lib/provider/host/served/questions";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import type { Answered, Outcome } from "../../../../lib/shared/tls/schedule";
import { type IssuedCertificate, issue, withoutDate } from "../../../support/certificates";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";

let own: IssuedCertificate;
let other: IssuedCertificate;
beforeAll(async () => {
  own = await issue({ subject: "CN=own" });
  other = await issue({
    subject: "CN=other",
    dnsNames: ["other.tld"],
    notBefore: new Date("2026-01-01T00:00:00Z"),
    notAfter: new Date("2027-01-01T00:00:00Z"),
  });
});

const endpoints = new Map<number, ServedQuestion["endpoint"]>();
function endpoint(port: number): ServedQuestion["endpoint"] {
  const made = endpoints.get(port) ?? { address: "127.0.0.1", port, protocol: "tls" };
  endpoints.set(port, made);
  return made;
}

function answer(
  outcome: Outcome,
  serverName?: string,
  port = 993,
  service = "dovecot",
): Answered<ServedQuestion> {
  const question = { address: "127.0.0.1", endpoint: endpoint(port), service, serverName };
  return { question: { ...question, fingerprint: own.fingerprint }, outcome };
}

function presented(pem: string): Outcome {
  return {
    kind: "presented",
    presentation: { version: "TLSv1.3", certificates: [new X509Certificate(pem)] },
  };
}

const failed = (error: HandshakeError): Outcome => ({ kind: "failed", error });
const REFUSED = failed(HandshakeError.ofConnection("refused", new Error("x")));
const TIMED_OUT = failed(HandshakeError.timeout("greeting", 10_000));
const ALERT = failed(HandshakeError.alert(112, null));
const FORBIDDEN = failed(HandshakeError.ofConnection("forbidden", new Error("open failed")));

describe("what a host serves in place of what is installed", () => {
  it("GIVEN what is installed THEN there is nothing", () => {
    expect(mismatchesIn([answer(presented(own.pem), "a.tld"), answer(presented(own.pem))])).toEqual([]);
  });

  it("GIVEN another certificate THEN the name, the port, what is served and what should be are named", () => {
    expect(mismatchesIn([answer(presented(other.pem), "a.tld")])).toEqual([
      {
        names: ["a.tld"],
        service: "dovecot",
        ports: [993],
        message:
          `a.tld, port 993 (dovecot): the certificate for other.tld (SHA-256 ${other.fingerprint.slice(0, 16)}…) of ` +
          "CN=other, valid until 2027-01-01T00:00:00Z, is served instead of the one that is installed " +
          `(SHA-256 ${own.fingerprint.slice(0, 16)}…).`,
        served: {
          fingerprint: other.fingerprint,
          subject: "CN=other",
          issuer: "CN=other",
          notAfter: "2027-01-01T00:00:00Z",
        },
      },
    ]);
  });

  it("GIVEN clients without SNI THEN they are named", () => {
    const [mismatch] = mismatchesIn([answer(presented(other.pem))]);
    expect(mismatch?.names).toEqual([]);
    expect(mismatch?.message).toMatch(/^Clients without SNI, port 993/);
  });

  it("GIVEN several names and ports THEN what is the same is one line, in whichever order the answers come", () => {
    const names = ["b.tld", "a.tld"];
    const answers = names.flatMap((name) =>
      [993, 143].map((port) => answer(presented(other.pem), name, port)),
    );
    const more = [answer(presented(other.pem), "c.tld", 143), answer(presented(own.pem), "c.tld", 993)];
    const byDefault = answer(presented(other.pem), undefined, 143);
    const found = mismatchesIn([...more, ...answers, byDefault]);

    expect(found.map((one) => ({ names: one.names, ports: one.ports }))).toEqual([
      { names: [], ports: [143] },
      { names: ["a.tld", "b.tld"], ports: [143, 993] },
      { names: ["c.tld"], ports: [143] },
    ]);
    expect(found[1]?.message).toMatch(
      /^a\.tld, b\.tld, ports 143, 993 \(dovecot\): the certificate for other\.tld/,
    );
    expect(mismatchesIn([byDefault, ...answers.reverse(), ...more])).toEqual(found);
  });

  it("GIVEN an alert THEN it is about the name", () => {
    const mismatches = mismatchesIn([answer(ALERT, "a.tld"), answer(presented(own.pem), "b.tld")]);
    expect(mismatches).toEqual([expect.objectContaining({ names: ["a.tld"], served: null })]);
    expect(mismatches[0]?.message).toMatch(
      /no certificate is served .* TLS alert 112 \(unrecognized_name\)\.$/,
    );
  });

  it("GIVEN a port that does not answer THEN that is one line, however many names there are", () => {
    const silent = ["a.tld", "b.tld", "c.tld"].map((name) => answer(TIMED_OUT, name));
    const mismatches = mismatchesIn([...silent, answer(presented(own.pem), "a.tld", 143)]);
    expect(mismatches.map(({ message }) => message)).toEqual([
      "port 993 (dovecot): no certificate is served for 3 of the names: the wait for the greeting took longer than 10 s.",
    ]);
  });

  it("GIVEN a port at which nothing listens THEN it is passed over, unless that is so at every port", () => {
    const [closed, right] = [answer(REFUSED, "a.tld", 995), answer(presented(own.pem), "a.tld")];
    expect(mismatchesIn([closed, right])).toEqual([]);
    expect(mismatchesIn([closed, answer(REFUSED, "a.tld", 993)]).map(({ message }) => message)).toEqual([
      "dovecot: no certificate is served, because no port accepts TLS (993, 995).",
    ]);
  });

  it("GIVEN several services and silent ports THEN the order of the answers changes nothing", () => {
    const answers = [
      answer(presented(other.pem), "a.tld", 465, "qmail"),
      answer(TIMED_OUT, "a.tld", 25, "qmail"),
      answer(TIMED_OUT, "a.tld", 587, "qmail"),
      answer(presented(other.pem), "b.tld"),
      answer(presented(other.pem), "a.tld"),
    ];
    expect(mismatchesIn([...answers].reverse())).toEqual(mismatchesIn(answers));
  });

  it("GIVEN a service to whose ports the SSH server does not forward THEN that is what it says, and not that none is served", () => {
    const mismatches = mismatchesIn([
      answer(FORBIDDEN, "a.tld", 465, "qmail"),
      answer(presented(own.pem), "a.tld"),
    ]);
    expect(mismatches.map(({ message }) => message)).toEqual([
      "qmail: it was not asked, because the SSH server does not forward connections to its ports (465): " +
        "no connection: open failed.",
    ]);
  });

  it("GIVEN hostile names THEN no message does more than to be read", async () => {
    const hostile = await issue({
      subject: `CN=${HOSTILE_WORDS.replace(/[\r\n]/g, "")}`,
      dnsNames: ["a\u001b[2J.tld"],
    });
    const words = failed(HandshakeError.unexpectedLine("greeting", HOSTILE_WORDS));
    const texts = mismatchesIn([answer(presented(hostile.pem), "a.tld"), answer(words, "b.tld")]).flatMap(
      ({ message, served }) => [message, served?.subject ?? "", served?.issuer ?? ""],
    );
    expect(texts.filter((text) => !isPlain(text) || text.includes("\n"))).toEqual([]);
    expect(texts.join()).toContain("Apply complete!");
  });

  it("GIVEN a certificate without a date THEN that is no failure", () => {
    const [mismatch] = mismatchesIn([answer(presented(withoutDate(other, "notAfter")), "a.tld")]);
    expect(mismatch?.served?.notAfter).toBeNull();
    expect(mismatch?.message).not.toContain("valid until");
  });

  it("GIVEN an SSH server that forwards no connection THEN that says nothing about the services", () => {
    expect(forwardingRefusal([answer(FORBIDDEN, "a.tld")])?.failure).toBe("forbidden");
    expect(forwardingRefusal([answer(FORBIDDEN, "a.tld"), answer(REFUSED, "b.tld")])).toBeUndefined();
  });
});
