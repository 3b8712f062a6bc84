import { attribute, type Schema, type ValuesOf } from "../../protocol/schema/schema";

export const attributes = {
  host: attribute.string({ description: "A key of the provider's `hosts`.", required: true }),
  programs: attribute.list("string", {
    description:
      "Clients of CAs: `certbot`, `dehydrated`, `acme.sh`, `lego`, `getssl`, `uacme`, `letsencrypt-auto` or `simp_le`. Lines of " +
      "crontabs and scripts of cron that belong to the user that the provider works as, and services that a timer starts, are " +
      "switched off if they run one of them.",
    optional: true,
  }),
  hooks: attribute.list("string", {
    description:
      "Executables that a client runs, by absolute path without the host's `root`. Their execute permission is removed, and the " +
      "client goes on without them. Not for the hook of dehydrated, which renews nothing if it cannot run it.",
    optional: true,
  }),
  planned_places: attribute.list("string", {
    description:
      "What an apply may switch off: the `places` of a data source `mailsni_renewers`, which a plan reads. If the host has more by " +
      "then, the apply switches nothing off and asks for another plan. Without it, an apply switches off what it finds.",
    optional: true,
    computed: true,
  }),
  places: attribute.list("string", {
    description: "What is switched off on the host: crontabs, scripts, services and hooks.",
    computed: true,
  }),
  pending: attribute.string({
    description:
      "What runs although it has to be switched off, such as a timer of a later version of a package, and what could not be " +
      "switched on again. Null if nothing is pending; otherwise the plan is not empty, and the next apply switches it off or on.",
    computed: true,
  }),
};

export type RetiredRenewersAttributes = typeof attributes;
export type RetiredRenewers = ValuesOf<RetiredRenewersAttributes>;

export const schema: Schema<RetiredRenewersAttributes> = {
  version: 0,
  description:
    "Clients of CAs on a host that no longer run from time to time, because the stack issues its certificates. Nothing is " +
    "deleted: a line of a crontab gets a mark in front, a service a drop-in by which systemd does not start it, and an executable " +
    "loses its execute permission. Destroying the resource, or removing a value, switches them on again exactly as they were, " +
    "unless another stack has switched them off too: then the last of the stacks does. What runs several clients is off as long as " +
    "`programs` has all of them. Declare one for each host of a stack.",
  attributes,
};
