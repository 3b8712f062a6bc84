import { posix } from "node:path";
import type { Host } from "../../host/host";
import type { ActiveWriter } from "../../host/renewers/retirement";
import { RENEWER } from "../../messages/renewers";
import type { Diagnostics } from "../../protocol/diagnostics";
import { reportUnusable } from "../unusable-host";
import type { HostFiles } from "./schema";

type Declared = Pick<HostFiles, "role" | "directories" | "files" | "placeholders">;

/**
 * Refuses to prepare a host on which a known client of a CA runs from time to time and writes files of the resource, or has a
 * hook that does.
 *
 * @param host null after an error
 */
export async function refuseActiveRenewers(
  host: Host | null,
  declared: Declared,
  diagnostics: Diagnostics,
): Promise<void> {
  if (host === null || declared.role !== "base" || !host.settings.applyOwnership) return;
  const { name } = host.settings;
  try {
    const writers = await host.renewers.writing(wordsFor(declared));
    for (const writer of firstOfEach(writers))
      diagnostics.error(RENEWER.active(writer.renewer.program, name), detailOf(writer));
  } catch (error) {
    reportUnusable(error, host, diagnostics);
  }
}

/** What a script has that writes a path: the end of it, since a script may have the rest in a variable. */
function wordsFor({ directories, files, placeholders }: Declared): string[] {
  const paths = [directories, files, placeholders].flatMap((each) => Object.keys(each ?? {}));
  return [
    ...new Set(paths.map((path) => posix.join(posix.basename(posix.dirname(path)), posix.basename(path)))),
  ];
}

function firstOfEach(writers: readonly ActiveWriter[]): ActiveWriter[] {
  return [...new Map(writers.map((writer) => [writer.renewer.program, writer])).values()];
}

function detailOf({ renewer: { program, where, remedy }, path, word }: ActiveWriter): string {
  return (
    `${where} runs it from time to time, and ${path} has ${word}. Nothing was changed. Switch it off for as long as the stack ` +
    `has the host, with programs of a mailsni_retired_renewers (constructs: retire: [Renewer.of("${program}")] of the MailHost). ` +
    `If it also renews certificates of other servers, such as a web server, they would expire: ${hookAlone(program)} By hand: ${remedy}.`
  );
}

/** dehydrated renews nothing if it cannot run its hook. */
function hookAlone(program: string): string {
  return program === "dehydrated"
    ? "remove what writes these files from its hook instead."
    : "switch off its hook alone, with hooks (Renewer.hook(…)).";
}
