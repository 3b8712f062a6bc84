import type { TerraformStack } from "cdktf";
import { sniErrors } from "../../shared/errors";
import type { JournalBlock } from "../../shared/provider-block/blocks";
import type { MailHost } from "../host/mail-host";
import { checkSameStack } from "../host/same-stack";

/** Reads the block of a journal. The class assigns it in its static block. */
let blockOf: (journal: IssuanceJournal, stack: TerraformStack) => JournalBlock;

/** The journal as the provider block has it. @throws MailSniError `HOST_IN_ANOTHER_STACK` */
export function journalBlock(journal: IssuanceJournal, stack: TerraformStack): JournalBlock {
  return blockOf(journal, stack);
}

/**
 * Where the provider writes down what it orders from an ACME CA before it does. An engine that is killed before it saves its
 * state then loses neither keys nor certificates: the next deploy goes on with the orders.
 */
export class IssuanceJournal {
  /**
   * A directory on the machine that deploys, which only the user who deploys can enter.
   *
   * @param path a relative path is relative to the stack's folder; `~/` is the home directory
   * @throws MailSniError `JOURNAL_PLACE`
   */
  public static directory(path: string): IssuanceJournal {
    if (path.trim() === "") throw sniErrors.journalNowhere();
    return new IssuanceJournal(path, []);
  }

  /**
   * Below the state directory of mail hosts, for runners that are new each time. `MAIL_SNI_KEY_PASSPHRASE` has to be set in a
   * deploy: the keys are encrypted.
   *
   * @param hosts at least one, of the same stack; with several, one that can be reached is enough
   * @throws MailSniError `JOURNAL_PLACE`
   */
  public static onHosts(...hosts: MailHost[]): IssuanceJournal {
    if (hosts.length === 0) throw sniErrors.journalNowhere();
    return new IssuanceJournal(undefined, hosts);
  }

  private constructor(
    private readonly path: string | undefined,
    private readonly hosts: MailHost[],
  ) {}

  static {
    blockOf = (journal, stack) => journal.blockIn(stack);
  }

  private blockIn(stack: TerraformStack): JournalBlock {
    for (const host of this.hosts) checkSameStack(stack, host);
    return this.path === undefined ? { hosts: this.hosts.map(({ name }) => name) } : { directory: this.path };
  }
}
