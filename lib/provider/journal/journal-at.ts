import type { JournalPlace } from "../../shared/journal/place";
import type { Hosts } from "../host/hosts";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { DirectoryStore } from "./directory-store";
import { HostLines } from "./host-lines";
import { HostStore } from "./host-store";
import { Journal, type Run } from "./journal";
import { type JournalStore, JournalUnusable } from "./store";

/** The journal at a place. @param here of the run, whose place is as `runPlace` names it */
export function journalAt(
  place: JournalPlace,
  hosts: Hosts,
  passphrases: KeyPassphrases,
  here: Omit<Run, "stack">,
): Journal {
  const run = { stack: hosts.stack, ...here };
  switch (place.is) {
    case "off":
      return new Journal(run);
    case "nowhere":
      return new Journal(
        run,
        [],
        new JournalUnusable(
          "The user who runs the engine has no home directory.",
          "Name a directory that outlives the run: journal of the provider, or the environment variable MAIL_SNI_JOURNAL; or set " +
            'that to "off".',
        ),
      );
    case "directory":
      return new Journal(run, [new DirectoryStore(place.path, place.home)]);
    case "hosts":
      return onHosts(run, place.names, hosts, passphrases);
  }
}

function onHosts(run: Run, names: readonly string[], hosts: Hosts, passphrases: KeyPassphrases): Journal {
  const stores = names.flatMap((name) => storesOn(name, hosts, passphrases));
  if (stores.length > 0) return new Journal(run, stores);
  const gone = new JournalUnusable(
    `No host of the journal exists any longer (${names.map((name) => JSON.stringify(name)).join(", ")}).`,
    "Name other hosts in the provider's journal.",
  );
  return new Journal(run, [], gone);
}

/** None on a host that no longer exists. */
function storesOn(name: string, hosts: Hosts, passphrases: KeyPassphrases): JournalStore[] {
  const host = hosts.find(name);
  if (!host || host.settings.gone) return [];
  const lines = new HostLines();
  return [new HostStore(name, host.privateLog("journal", lines), lines, passphrases)];
}
