import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unknownStatement } from "../../../../lib/cli/inputs/host-statements";
import { countsOf } from "../../../../lib/cli/inputs/stack-journal";
import { JobUnusable, parseJobRun } from "../../../../lib/provider/host/jobs/job-run";
import { HostLines, putLine } from "../../../../lib/provider/journal/host-lines";
import { fetchedResult } from "../../../../lib/shared/host-job/fetched-result";
import { type JobResult, JobResultUnreadable } from "../../../../lib/shared/host-job/job-result";
import { entryText, type JournalEntry, parseEntry, parseLatest } from "../../../../lib/shared/journal/entry";
import { readJournalDirectory } from "../../../../lib/shared/journal/read-directory";
import { JsonError } from "../../../../lib/shared/json/json-error";
import { bounded } from "./bounded";
import type { Parser } from "./parser";
import { checkPlain } from "./printed";
import { never, only } from "./refusals";

const ID = "0123456789abcdef";
const HEX = "ab".repeat(32);
const KEY_LINES = "QUFB\nQUFB";
const COMMON = {
  id: ID,
  revision: 2,
  stack: "mail",
  state: ID,
  isStateSaved: true,
  place: ID,
  workspace: "4444444444444444",
  begunAt: "2026-11-30T10:00:00Z",
  directory: "https://ca.test/directory",
  account: "oKimpwnSMDmk7tRyLR5yvYZnCkNdF9iPIZ_kRyzy8vY",
  key: `-----BEGIN PRIVATE KEY-----\n${KEY_LINES}\n-----END PRIVATE KEY-----\n`,
};
const CERTIFICATE: JournalEntry = {
  ...COMMON,
  kind: "certificate",
  names: ["*.a.test", "a.test"],
  keyAlgorithm: "ECDSA_P256",
  profile: null,
  reissue: HEX,
  replaces: "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE",
  publicKey: HEX,
  reusesKey: false,
  order: "https://ca.test/order/1",
  leaf: { fingerprint: HEX, notBefore: COMMON.begunAt, notAfter: "2027-02-28T10:00:00Z" },
};
const ACCOUNT: JournalEntry = { ...COMMON, kind: "account", externalAccount: null };
const TEXTS = [CERTIFICATE, ACCOUNT].map(entryText);

/** What is in the journal of issuances, on this machine or on a host, and what jobs of hosts report. */
export function journalParsers(): Parser[] {
  return [...entryParsers(), ...jobParsers()];
}

function entryParsers(): Parser[] {
  const lines = [CERTIFICATE, ACCOUNT].map((entry) =>
    putLine({ entry, machine: "root@mx1", holder: { pid: 17, start: 4711 }, holderCode: HEX, code: HEX }),
  );
  return [
    {
      name: "an entry of a journal",
      seeds: TEXTS.map((text) => text.trim()),
      throws: (error) => error instanceof JsonError && error.at.length < 1000 && !error.at.includes("QUFB"),
      read: (input) => {
        const text = input.toString();
        const entry = parseEntry(text);
        // What is written again is authenticated by its bytes.
        if (JSON.stringify(parseEntry(entryText(entry))) !== JSON.stringify(entry))
          throw new Error("another entry");
        return [entry, countsOf([entry])];
      },
      repeats: ['"a.test",', "QUFB\\n", "a.", "-----BEGIN PRIVATE KEY-----"],
    },
    {
      name: "versions of an entry of a journal",
      seeds: [TEXTS.join(""), `${TEXTS[0]}${TEXTS[0]}${TEXTS[0]?.slice(0, 200)}`],
      throws: only(JsonError),
      read: (input) => parseLatest(input.toString()),
      repeats: ["{}\n", "{\n", ...TEXTS],
    },
    {
      name: "a directory of a journal",
      seeds: TEXTS,
      throws: never,
      read: (input) => {
        const directory = mkdtempSync(join(tmpdir(), "mail-sni-hostile-"));
        try {
          chmodSync(directory, 0o700);
          writeFileSync(join(directory, `${ID}.17-4711`), input, { mode: 0o600 });
          const { files, ignored, unfinished } = readJournalDirectory(directory);
          ignored.forEach((reason) => {
            checkPlain(bounded(reason));
            if (reason.includes("QUFB")) throw new Error("it quotes a key");
          });
          return [files, ignored, unfinished];
        } finally {
          rmSync(directory, { recursive: true });
        }
      },
    },
    {
      name: "the log of a journal on a host",
      seeds: [...lines, `${lines.join("")}drop ${ID}\n`],
      throws: never,
      read: (input) => {
        const log = new HostLines();
        for (const line of input.toString().split("\n")) log.read(line);
        return [[...log.entries], log.unread, log.compacted() ?? null];
      },
      repeats: ["put ", "drop \n", `drop ${ID}\n`, ...lines],
    },
  ];
}

const RESULT = `mail-sni-job-result\t1
row\ta.test\tok\t2027-02-28T10:00:00Z\t${HEX}\t
row\tb.test\tfailed\t-\t-\tthe CA refuses it: no
end\t1\t2026-11-30T10:00:00Z
`;

function jobParsers(): Parser[] {
  return [
    {
      name: "the result of a job on a host",
      seeds: [RESULT, RESULT.replace(/row\tb.*\n/, "")],
      throws: never,
      read: (input) => said(fetchedResult({ status: 0, output: input.toString("base64") })),
      repeats: ["row\n", "row\ta\tok\t-\t-\t\n", "end\t", "\t"],
      growth: 20,
    },
    {
      name: "the latest run of a job on a host",
      seeds: [`${ID} ${HEX} 1764500000\nended 1 1764500010\n`, `${ID} ${HEX} 1764500000\nrunning\n`],
      throws: only(JobUnusable),
      read: (input) => parseJobRun({ status: 0, output: input.toString() }) ?? null,
      repeats: ["ended ", "gone\n"],
    },
    {
      name: "a host's answer about a result",
      seeds: [
        Buffer.from(RESULT).toString("base64"),
        "cat: /a: No such file or directory",
        "cat: /a: Permission denied",
      ],
      throws: never,
      read: (input) => said(fetchedResult({ status: input.length % 2, output: input.toString() })),
      repeats: ["=", "No such file", "cat: "],
      growth: 20,
    },
  ];
}

function said(result: JobResult | JobResultUnreadable | undefined): unknown {
  if (result instanceof JobResultUnreadable)
    checkPlain(bounded(unknownStatement("mx1", result.message).message));
  else for (const { name, message } of result?.rows ?? []) checkPlain(name + bounded(message));
  return result ?? null;
}
