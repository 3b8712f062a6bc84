import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The files of a host, below a directory of their own. */
export class HostTree {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "mail-sni-host-")));

  constructor() {
    // Files of the host whose mode says so can be read by all.
    chmodSync(this.root, 0o755);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  /** @param path on the host */
  write(path: string, contents: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), contents);
    chmodSync(this.path(path), mode);
  }

  /** @param path on the host */
  directory(path: string, mode: number): void {
    mkdirSync(this.path(path), { recursive: true });
    chmodSync(this.path(path), mode);
  }

  /** @param target relative, or as the host would see it, without its root */
  link(path: string, target: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    symlinkSync(target, this.path(path));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
