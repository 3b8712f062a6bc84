import { chmodSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { installProvider } from "../../../../lib/constructs/plugin/installation";
import { packageHash } from "../../../../lib/shared/engine/provider-place";
import { CdktfProject } from "../../support/project";
import { type Ran, ran } from "../../support/ran";

const PROVIDER = "terraform-provider-mailsni.cjs";
const PROVIDER_TEXT = "#!/usr/bin/env node\n";
const VERSION = "1.2.3-b0";

/** A stack as synth leaves one, on a machine of its own that is well. */
export class DoctorProject extends CdktfProject {
  readonly environment: NodeJS.ProcessEnv;

  constructor(document: object = {}) {
    super();
    this.write("bin/terraform", '#!/bin/sh\necho \'{"terraform_version": "1.12.2"}\'\n');
    chmodSync(join(this.directory, "bin/terraform"), 0o755);
    const system = ["/usr/local/bin", "/usr/bin", "/bin"];
    const path = [join(this.directory, "bin"), dirname(process.execPath), ...system];
    this.environment = { HOME: this.directory, PATH: path.join(":") };
    this.declare(document);
    this.install();
    chmodSync(this.directory, 0o755);
    chmodSync(this.stackDirectory("mail"), 0o700);
  }

  /** @param document members of `cdk.tf.json`, besides those about the provider */
  declare(document: object, localState = "../../../state/mail.tfstate"): void {
    const terraform = {
      required_version: ">= 1.11.0",
      required_providers: { mailsni: { source: "mail-sni.invalid/mail-sni/mailsni", version: VERSION } },
      backend: { local: { path: localState } },
    };
    this.write("cdktf.out/stacks/mail/cdk.tf.json", JSON.stringify({ terraform, ...document }));
  }

  /** Puts the provider beside the stack, as synth does. */
  install(): void {
    const bundle = this.write(`provider/${PROVIDER}`, PROVIDER_TEXT);
    installProvider(this.stackDirectory("mail"), {
      version: VERSION,
      bundle,
      file: PROVIDER,
      h1: packageHash(PROVIDER, Buffer.from(PROVIDER_TEXT)),
    });
  }

  /** The provider's file for this platform, as its path below the stack's directory. */
  get provider(): string {
    const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
    return `terraform.d/plugins/mail-sni.invalid/mail-sni/mailsni/${VERSION}/${platform}/${PROVIDER}`;
  }

  inStack(path: string): string {
    return join(this.stackDirectory("mail"), path);
  }

  /** Puts a program of this name first in the PATH. @param script for a shell */
  program(name: string, script: string): void {
    chmodSync(this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  }

  doctor(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return ran(["doctor", "--project", this.directory, ...args], {
      environment: { ...this.environment, ...environment },
    });
  }

  /** The names of all that lies in the project. */
  get files(): readonly string[] {
    return readdirSync(this.directory, { recursive: true, encoding: "utf8" }).sort();
  }
}

/** The lines of a check: what is wrong, and the remedy that follows. */
export function linesOf({ out }: Ran, check: string): readonly string[] {
  const lines = out.split("\n");
  const first = lines.findIndex((line) => line.endsWith(` [${check}]`));
  if (first < 0) return [];
  const behind = lines.slice(first + 1);
  const end = behind.findIndex((line) => line !== "" && !line.startsWith(" "));
  return [lines[first] as string, ...behind.slice(0, end)];
}
