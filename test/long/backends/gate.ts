import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TerraformResource, type TerraformStack } from "cdktf";

/** A resource whose creation waits until the test lets it go on: the state stays locked for as long. */
export class Gate {
  readonly #pipe: string;
  readonly #reached: string;

  readonly #directory = mkdtempSync(join(tmpdir(), "mail-sni-gate-"));

  constructor() {
    this.#pipe = join(this.#directory, "pipe");
    this.#reached = join(this.#directory, "reached");
    execFileSync("mkfifo", [this.#pipe]);
  }

  declare(stack: TerraformStack): void {
    new TerraformResource(stack, "gate", {
      terraformResourceType: "terraform_data",
      provisioners: [{ type: "local-exec", command: `touch ${this.#reached}; cat ${this.#pipe}` }],
    });
  }

  /** Whether an apply waits here. */
  readonly isReached = () => existsSync(this.#reached);

  /** Resolves when one does. */
  async reached(): Promise<void> {
    while (!this.isReached()) await delay(20);
  }

  open(): void {
    writeFileSync(this.#pipe, "\n");
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
