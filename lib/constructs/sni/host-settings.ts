import { type IResolveContext, Lazy, TerraformOutput, type TerraformStack } from "cdktf";
import { HOST_SETTINGS_OUTPUT } from "../../shared/host-settings-output";
import { sha256 } from "../../shared/sha256";
import { ownId } from "../bindings/own-id";
import { escapeTemplate } from "../bindings/template";
import { HostDomains } from "../host/host-domains";
import { MailHost } from "../host/mail-host";
import { StackProvider } from "../plugin/stack-provider";

/**
 * Adds the output `mail_sni_hosts` to a stack: a SHA-256 of each host's settings in the provider block, such as the address and the
 * commands, and of its default domain. No state has these. So a plan shows only by this output that they have changed since the last
 * deploy.
 */
export function addHostSettings(stack: TerraformStack): void {
  const output = new TerraformOutput(stack, ID, {
    value: Lazy.anyValue({ produce: (context: IResolveContext) => hashes(stack, context) }),
    description: "Hashes of the settings of mail hosts, by which plans show that they have changed.",
  });
  output.overrideLogicalId(HOST_SETTINGS_OUTPUT);
}

/**
 * Expressions are hashed as they are written: their values may be sensitive, or not known yet. Whether other hosts wait for one
 * (`canary`) changes neither what it gets nor what runs there. Another default domain changes a PEM, as its renewal would, and nothing
 * else if neither domain has names that the PEM has to cover, but wildcards alone.
 */
function hashes(stack: TerraformStack, context: IResolveContext): Record<string, string> {
  // A stack without managed hosts has no provider block, and must not get one.
  const hosts = Object.entries(StackProvider.find(stack)?.hostBlocks() ?? {});
  const defaults = defaultDomains(stack);
  return Object.fromEntries(
    hosts.map(([host, { canary: _, ...settings }]) => [
      escapeTemplate(host),
      sha256(JSON.stringify([context.resolve(settings), defaults.get(host) ?? null])),
    ]),
  );
}

/** By the name of the host. */
function defaultDomains(stack: TerraformStack): ReadonlyMap<string, string | undefined> {
  const hosts = stack.node.findAll().filter((one) => one instanceof MailHost);
  return new Map(hosts.map((host) => [host.name, HostDomains.of(host).served.defaultCertificate?.name]));
}

const ID = ownId("host-settings");
