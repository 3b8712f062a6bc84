import { afterEach, describe, expect, it } from "vitest";
import { Hosts } from "../../../lib/provider/host/hosts";
import { journalAt } from "../../../lib/provider/journal/journal-at";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import { Diagnostics } from "../../../lib/provider/protocol/diagnostics";
import { journaledAccount } from "../../shared/journal/support/entries";

describe("journalAt", () => {
  const mx1 = {
    name: "mx1",
    root: "/",
    stateDirectory: "/state",
    applyOwnership: false,
    services: new Map(),
    gone: true,
  };
  const hosts = new Hosts("mail", new Map([["mx1", mx1]]));
  afterEach(() => hosts.close());

  it("GIVEN a journal on hosts of which none is left THEN there is a warning, and no journal", async () => {
    const journal = journalAt({ is: "hosts", names: ["mx1"] }, hosts, new KeyPassphrases(), {
      place: "2222222222222222",
      workspace: "4444444444444444",
    });
    const diagnostics = new Diagnostics();
    expect(await journal.takeAccount(journaledAccount(), diagnostics)).toBeNull();
    expect(diagnostics.all).toMatchObject([
      { severity: "warning", detail: expect.stringContaining('"mx1"') },
    ]);
  });
});
