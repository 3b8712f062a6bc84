import type { SniTableEndpoint } from "../../../lib/shared/sni-table/document";
import { certificateLines, Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import type { RealServer } from "./real-server-scenarios";

/** Dovecot with a block for each name. */
export class DovecotServer implements RealServer {
  static async start(version: DovecotVersion): Promise<DovecotServer> {
    return new DovecotServer(await Dovecot.start({ version }));
  }

  #release = 0;

  private constructor(private readonly dovecot: Dovecot) {}

  get endpoints(): readonly SniTableEndpoint[] {
    const { imap, imaps, pop3, pop3s } = this.dovecot.ports;
    return [
      { port: imaps, protocol: "tls", sni: true },
      { port: pop3s, protocol: "tls", sni: true },
      { port: imap, protocol: "imap", sni: true },
      { port: pop3, protocol: "pop3", sni: true },
    ];
  }

  put(byDefault: string, byName: Readonly<Record<string, string>>): void {
    const { version, directory } = this.dovecot;
    this.#release += 1;
    const lines = (name: string, pem: string) => {
      const path = `private/${name}.pem`;
      this.dovecot.write(path, pem);
      return certificateLines(version, `${directory}/${path}`);
    };
    const blocks = Object.entries(byName).map(
      ([name, pem]) => `local_name ${name} {\n${lines(name, pem)}}\n`,
    );
    this.dovecot.write("conf.d/10-ssl.conf", `ssl = yes\n${lines("default", byDefault)}`);
    this.dovecot.write("conf.d/99-names.conf", blocks.join(""));
  }

  /** A start at first, so that nothing is left of what a process has read. */
  reload(): Promise<void> {
    return this.#release === 1 ? this.dovecot.restart() : this.dovecot.reload();
  }

  stop(): Promise<void> {
    return this.dovecot.stop();
  }
}
