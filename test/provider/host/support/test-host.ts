import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { HostSettings } from "../../../../lib/provider/host/desired/host-settings";
import { Host } from "../../../../lib/provider/host/host";
import { Ledger } from "../../../../lib/provider/host/record/ledger";
import { TIMEOUTS, type Timeouts } from "../../../../lib/shared/transport/timeouts";
import { LocalTransport, type Transport } from "../../../../lib/shared/transport/transport";
import { SERVED, ServedControl } from "./served-control";
import { servedOn } from "./served-settings";

export { STATE_DIRECTORY } from "./served-settings";

export interface TestHostOptions {
  /** @default true */
  readonly applyOwnership?: boolean;
}

/**
 * A host below a temporary directory with two services: `served`, which serves what it was told to load, and `filed`,
 * which reads its files again for each connection.
 */
export class TestHost extends ServedControl {
  readonly root: string;
  settings: HostSettings;
  readonly control: string;
  readonly #temporary: string;
  readonly #opened: Host[] = [];

  constructor({ applyOwnership = true }: TestHostOptions = {}) {
    super();
    this.#temporary = mkdtempSync(join(tmpdir(), "mail-sni-host-"));
    this.root = join(this.#temporary, "root");
    this.control = join(this.#temporary, "control");
    mkdirSync(this.control);
    this.settings = { ...servedOn(this.root, this.control, SERVED), applyOwnership };
    this.write("/etc/served/served.conf", "include /etc/served/conf.d/*.conf\n");
  }

  /** For `served` in the options, where more commands are wanted. */
  command(...args: string[]): string[] {
    return ["sh", SERVED, this.root, this.control, ...args];
  }

  /** The host as a new process of the provider would open it. */
  open({
    transport = new LocalTransport(),
    timeouts = {},
    settings = {},
    isEngineGone,
  }: {
    transport?: Transport;
    timeouts?: Partial<Timeouts>;
    settings?: Partial<HostSettings>;
    isEngineGone?: () => boolean;
  } = {}): Host {
    const all = { ...TIMEOUTS, ...timeouts };
    const host = new Host({ ...this.settings, ...settings }, transport, all, isEngineGone);
    this.#opened.push(host);
    return host;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#opened.map((host) => host.close()));
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  write(path: string, contents: string, mode?: number): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), contents, { mode });
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  inode(path: string): number {
    return lstatSync(this.at(path)).ino;
  }

  /** Everything below the root but the ledger and its lock: `path`, `path/` or `path -> target`, with contents. */
  tree(): Record<string, string> {
    const found: Record<string, string> = {};
    const walk = (directory: string) => {
      for (const entry of readdirSync(this.at(directory), { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (path === this.settings.stateDirectory) continue;
        if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(this.at(path))}`;
        else if (entry.isDirectory()) {
          found[`${path}/`] = this.mode(path);
          walk(path);
        } else found[path] = this.read(path);
      }
    };
    walk("/");
    return found;
  }

  /** Names of temporary files anywhere below the root. */
  leftovers(): string[] {
    return Object.keys(this.tree()).filter((path) => /\.mail-sni-(new|old)\/?$/.test(path));
  }

  get ledgerPath(): string {
    return this.at(`${this.settings.stateDirectory}/ledger`);
  }

  ledger(): Ledger {
    const ledger = new Ledger();
    ledger.read(existsSync(this.ledgerPath) ? readFileSync(this.ledgerPath, "utf8") : "");
    return ledger;
  }
}
