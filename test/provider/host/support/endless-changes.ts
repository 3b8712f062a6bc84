import { Host } from "../../../../lib/provider/host/host";
import { LocalTransport } from "../../../../lib/shared/transport/transport";
import { certificate } from "./changes";

/**
 * Renews the certificates named in the arguments for ever, all at once and each time with other contents, until it is
 * killed. Arguments: root, control directory and script of `served`, names.
 */
async function main([root = "", control = "", served = "", ...names]: string[]): Promise<void> {
  const { servedOn } = await import("./served-settings");
  const host = new Host(servedOn(root, control, served), new LocalTransport());
  for (let version = 1; ; version++) {
    const contents = `${version}\n`.repeat(2000);
    const results = await Promise.all(
      names.map((name) => host.change(certificate(name, contents, { kind: "update" }))),
    );
    for (const { errors } of results) if (errors.length > 0) throw new Error(JSON.stringify(errors));
    process.stdout.write(`${version}\n`);
  }
}

void main(process.argv.slice(2));
