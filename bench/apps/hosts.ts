import { Dovecot, MailHost, MailSni, PrivateCa, Qmail } from "../../lib";
import { StackReview } from "../../lib/constructs/sni/stack-review";
import { addDomains, benchStack, synthesize } from "../app-stack";
import { REVIEW_LINE } from "../child";
import { processorMilliseconds } from "../usage-lines";

/** A stack of so many mail domains, with six names each, for qmail and Dovecot on four hosts; and how long rules take. */
const [outdir = "", providerDirectory = "", count = ""] = process.argv.slice(2);

/** What the review of a stack does when it is synthesized. */
const STEPS = ["validateHosts", "warn", "writeTables"];

let reviewing = 0;
const prototype = StackReview.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const step of STEPS) {
  const original = prototype[step];
  if (original === undefined) throw new Error(`StackReview has no step ${step}.`);
  prototype[step] = function (...args) {
    const start = processorMilliseconds();
    try {
      return original.apply(this, args);
    } finally {
      reviewing += processorMilliseconds() - start;
    }
  };
}

const stack = benchStack(outdir, providerDirectory);
const sni = new MailSni(stack, "sni", {
  hosts: ["mx1", "mx2", "mx3", "mx4"].map((id) =>
    MailHost.local(stack, id, { root: `/srv/${id}`, services: [Qmail.standard(), Dovecot.v23()] }),
  ),
  issuer: new PrivateCa(stack, "ca"),
  defaultDomain: "domain1.test",
});
addDomains(sni, Number(count));
synthesize(stack);
console.log(REVIEW_LINE, reviewing);
