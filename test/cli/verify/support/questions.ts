import type { Asked, Expected, Question } from "../../../../lib/cli/verify/questions/question";

export const EXPECTED: Expected = {
  domain: null,
  fingerprint: null,
  notAfter: null,
  said: null,
  domainNames: [],
  covers: "required",
  isRefused: false,
  answer: "required",
};

export interface QuestionOptions {
  /** @default "imap.domain1.tld" */
  readonly name?: string;
  readonly asked?: Asked;
  readonly expected?: Partial<Expected>;
  readonly port?: number;
  readonly protocol?: Question["endpoint"]["protocol"];
  /** @default "127.0.0.1" */
  readonly address?: string | null;
}

/** A question about a name, with what a test says otherwise. */
export function question({
  name = "imap.domain1.tld",
  asked = { kind: "name", name, serverName: name },
  expected,
  port = 993,
  protocol = "tls",
  address = "127.0.0.1",
}: QuestionOptions = {}): Question {
  return {
    endpoint: { host: "mx1", service: "dovecot", port, protocol },
    address,
    asked,
    expected: { ...EXPECTED, ...expected },
  };
}
