import { directoriesWithAcl, parseFacts } from "../../../../lib/provider/host/record/facts";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import type { Summary } from "../../../../lib/shared/summary";
import { printable } from "../../../../lib/shared/text/printable";
import { Answers, Flood } from "../../../../lib/shared/transport/answers";
import { complaint } from "../../../../lib/shared/transport/complaint";
import { pathProblem } from "../../../../lib/shared/transport/paths";
import type { Session } from "../../../../lib/shared/transport/session";
import { isPlain } from "../../../support/hostile-words";
import { bounded } from "./bounded";
import type { Parser } from "./parser";
import { never, only } from "./refusals";

const FACTS = `81a0\t0\t5000\troot\tmail\t"/etc/dovecot/a.pem"
${"0a".repeat(32)}  /etc/dovecot/a.pem
a1ff\t0\t0\troot\troot\t"/etc/link" -> "../else/wh\\303\\244re"
41ed\t0\t0\troot\troot\t"/etc/dovecot/with \\"quotes\\" and \\n"
\\${"0b".repeat(32)}  /etc/with\\\\backslash
stat: cannot statx '/etc/missing': No such file or directory
sha256sum: /etc/secret: Permission denied
`;

export function hostParsers(): Parser[] {
  return [
    {
      name: "facts about files",
      seeds: [FACTS, ...FACTS.split("\n")],
      throws: never,
      read: (input) => parseFacts({ status: 0, output: input.toString() }),
      repeats: ['\\"', '"', ' -> "', ': No such file or directory"'],
    },
    {
      name: "a listing of directories with ACLs",
      seeds: [
        'drwxr-xr-x+ 2 root root 4096 Jan  1 12:00 "/etc/a"\ndrwxr-xr-x 2 root root 4096 Jan  1 12:00 "/etc/b"\n',
      ],
      throws: never,
      read: (input) =>
        directoriesWithAcl(sessionThatSays(input.toString()), { root: "/" }, ["/etc/a", "/etc/b"]),
      repeats: ['\\"', '"', '"\\'],
    },
    {
      name: "answers of a shell",
      seeds: ["Welcome\n\n\x1eready\nfirst\n\x1e0\nsecond\n\x1e127\n", "\n\x1eready\n\n\x1e0\n"],
      throws: only(Flood),
      read: (input) => {
        const answers = new Answers();
        for (let count = 0; count < 3; count++) answers.expect(4096);
        const text = input.toString();
        const piece = 1 + (text.length % 977);
        for (let at = 0; at < text.length; at += piece) answers.read(text.slice(at, at + piece));
        return [answers.begun, answers.next(), answers.next()];
      },
    },
    {
      name: "complaints of a host's programs",
      seeds: [
        "cat: /etc/a: Permission denied\n",
        "doveconf: Warning: old\ndoveconf: Fatal: Error in configuration file /etc/a line 3: Unknown setting\n",
        "mv: cannot move 'a' to 'b': No space left on device",
        `line 3: -----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      ],
      throws: never,
      read: (input) => bounded(complaint(input.toString())),
      repeats: ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----END PRIVATE ", "error "],
    },
    {
      name: "paths of a host",
      seeds: ["/etc/dovecot/a.pem", "/", "/a/../b", "relative"],
      throws: never,
      read: (input) => pathProblem(input.toString()),
      repeats: ["/a", "/..", "/"],
    },
    {
      name: "what is shown in a terminal",
      seeds: ["The file /etc/a cannot be read.\nIt is a directory.\t(EISDIR)"],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        const text = input.toString();
        diagnostics.error(text as Summary, text);
        for (const { summary, detail } of diagnostics.all) {
          if (!isPlain(summary + detail) || summary.includes("\n")) throw new Error("a terminal obeys it");
        }
        return printable(text);
      },
      // Each character that is escaped has six.
      growth: 20,
    },
  ];
}

function sessionThatSays(output: string): Session {
  return { round: async () => [{ status: 0, output }] } as never;
}
