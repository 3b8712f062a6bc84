import type { Command } from "../../../shared/provider-block/blocks";
import { COMMAND_NOT_FOUND, otherVersion, showsArrival } from "../../../shared/service/version-and-arrival";
import { type AskLimits, askCall, type Said, saidIn } from "../../../shared/transport/asked";
import type { Call, Session } from "../../../shared/transport/session";
import type { HostSettings, ServiceSettings } from "../desired/host-settings";
import type { NameBlocks } from "./name-blocks";
import { firstPlace, placesCall } from "./places";
import { listedBlocks, printedFile } from "./statements";

const LIMITS: AskLimits = {
  // Long enough for a large configuration on a busy host, and not too long for a plan.
  commandMs: 20_000,
  // Three times a configuration for 10,000 domains.
  bytes: 8 * 1024 * 1024,
};
/** Each name is a run of a command. If more are in doubt, these show what is wrong. */
const MOST_NAMES = 50;

/** A certificate that a service must present for its names. */
export interface Served {
  readonly service: string;
  readonly names: readonly string[];
  /** The file of the certificate. */
  readonly certificate: string;
}

/** What a service reports about itself. */
export interface ServiceStatement {
  readonly isInstalled: boolean;
  /** The installed version, if it differs from the declared one. */
  readonly otherVersion?: string;
  /** Whether it reads the files of the resource `base`; undefined if it does not say. */
  readonly reads?: boolean;
  /** The certificate file for clients without SNI: empty for none, undefined if it does not say. */
  readonly defaultCertificate?: string;
}

/** The certificate that a service selects for a name. */
export interface Choice {
  readonly file: string;
  /** Where the block is that selects it, unless the provider wrote that block. */
  readonly place?: string;
}

/** What the services of a host report about their configuration. Nothing is reloaded for it. */
export class Statements {
  readonly #services = new Map<string, ServiceStatement>();
  readonly #blocks = new Map<string, NameBlocks>();
  readonly #choices = new Map<string, Choice | undefined>();

  /** Undefined if the service reported nothing. */
  of(service: string): ServiceStatement | undefined {
    return this.#services.get(service);
  }

  /** Undefined if only one certificate can be selected for the name. */
  choice(service: string, name: string): Choice | undefined {
    return this.#choices.get(keyOf(service, name));
  }

  note(service: string, statement: ServiceStatement, blocks: NameBlocks | undefined): void {
    this.#services.set(service, statement);
    if (blocks) this.#blocks.set(service, blocks);
  }

  noteChoice({ service, name }: Doubt, choice: Choice | undefined): void {
    this.#choices.set(keyOf(service, name), choice);
  }

  /** Names for which another certificate may be selected, and that were not queried yet. */
  doubts(served: readonly Served[]): Doubt[] {
    const all = served.flatMap(({ service, names, certificate }) => {
      const blocks = this.#blocks.get(service);
      if (!blocks) return [];
      return names
        .filter((name) => blocks.standing(name, certificate) === "contested")
        .map((name) => ({ service, name, rival: blocks.rivalName(name, certificate) ?? name }));
    });
    const news = all.filter(({ service, name }) => !this.#choices.has(keyOf(service, name)));
    return news.slice(0, Math.max(MOST_NAMES - this.#choices.size, 0));
  }
}

interface Doubt {
  readonly service: string;
  readonly name: string;
  /** The name or pattern of the block that may be selected instead. */
  readonly rival: string;
}

/** Queries the services of a host about their configuration, while changes may be in progress. */
export class Enquiry {
  /** Services that took too long or printed too much. They are not queried again. */
  readonly #silent = new Set<string>();

  constructor(
    private readonly host: HostSettings,
    private readonly limits: AskLimits = LIMITS,
  ) {}

  /** Queries all services on one trip. */
  async about(session: Session): Promise<Statements> {
    const services = this.host.applyOwnership ? [...this.host.services.values()] : [];
    const asked = services
      .filter(({ name }) => !this.#silent.has(name))
      .flatMap((settings) => questionsTo(settings).map((command) => ({ settings, command })));
    const answers = await session.roundFor(asked, ({ command }) => this.#ask(command));
    const statements = new Statements();
    for (const settings of services) {
      const said = new Map<string, Said>();
      for (const [each, answer] of answers) {
        if (each.settings !== settings) continue;
        const words = saidIn(answer);
        if (words) said.set(JSON.stringify(each.command), words);
        else this.#silent.add(settings.name);
      }
      if (said.size > 0) this.#note(statements, settings, said);
    }
    return statements;
  }

  /** Finds out which certificate is selected for names in doubt, on one trip; without a trip if there are none. */
  async decide(
    statements: Statements,
    served: readonly Served[],
    isOurs: (path: string) => boolean,
    use: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
  ): Promise<void> {
    const tasks = statements.doubts(served).map((doubt) => ({ doubt, calls: this.#callsAbout(doubt) }));
    if (tasks.length === 0) return;
    const answers = await use((session) => session.round(tasks.flatMap(({ calls }) => calls)));
    let next = 0;
    for (const { doubt, calls } of tasks) {
      const [chosen, places] = answers.slice(next, next + calls.length);
      next += calls.length;
      const said = chosen && saidIn(chosen);
      if (!said) this.#silent.add(doubt.service);
      const place = places && firstPlace(this.host, places, doubt.rival, isOurs);
      const file = said?.status === 0 ? printedFile(said.text) : undefined;
      statements.noteChoice(doubt, file === undefined ? undefined : { file, place });
    }
  }

  #callsAbout({ service, name, rival }: Doubt): Call[] {
    const settings = this.host.services.get(service);
    if (!settings?.chosen || this.#silent.has(service)) return [];
    const command = settings.chosen.map((argument) => argument.replaceAll("{name}", () => name));
    const places = placesCall(this.host, settings, rival);
    return places ? [this.#ask(command), places] : [this.#ask(command)];
  }

  #ask(command: readonly string[]): Call {
    return askCall(command, this.limits);
  }

  #note(statements: Statements, settings: ServiceSettings, said: ReadonlyMap<string, Said>): void {
    const { version, arrival, name_blocks: nameBlocks, default_certificate: printsDefault } = settings;
    const answerTo = (command: Command | undefined) =>
      command ? said.get(JSON.stringify(command)) : undefined;
    const good = (command: Command | undefined) => {
      const answer = answerTo(command);
      return answer?.status === 0 ? answer.text : undefined;
    };
    const printed = answerTo(version?.print);
    const listing = good(arrival?.list);
    const blocks = good(nameBlocks?.list);
    const file = good(printsDefault);
    const statement: ServiceStatement = {
      isInstalled: printed?.status !== COMMAND_NOT_FOUND,
      otherVersion: version && printed ? otherVersion(version, printed.text) : undefined,
      reads: arrival && listing !== undefined ? showsArrival(arrival, listing) : undefined,
      defaultCertificate: file === undefined ? undefined : printedFile(file),
    };
    statements.note(
      settings.name,
      statement,
      nameBlocks && blocks !== undefined ? listedBlocks(nameBlocks, blocks) : undefined,
    );
  }
}

/** The commands, each once: one output may answer several questions. */
function questionsTo({ version, arrival, name_blocks, chosen, default_certificate }: ServiceSettings) {
  const commands = [version?.print, arrival?.list, chosen && name_blocks?.list, default_certificate];
  const different = new Map(
    commands.flatMap((each) => (each ? [[JSON.stringify(each), each] as const] : [])),
  );
  return [...different.values()];
}

function keyOf(service: string, name: string): string {
  return `${service}\t${name}`;
}
