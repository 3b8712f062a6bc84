import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { AcmeDirectories } from "../../../lib/provider/acme/directories";
import { KeyPassphrases } from "../../../lib/provider/keys/key-passphrases";
import type { Resource } from "../../../lib/provider/protocol/resource";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import type { Value } from "../../../lib/provider/protocol/values/value";
import { acmeCertificate } from "../../../lib/provider/resources/acme-certificate";
import { privateCa } from "../../../lib/provider/resources/private-ca";
import { privateCertificate } from "../../../lib/provider/resources/private-certificate";
import { acmeTimeouts } from "../../support/acme-timeouts";
import { ResourceLifecycle, type Values } from "../../support/resource-lifecycle";

type Choices = Readonly<Record<string, readonly Value[]>>;

/** One or the other, or not known before the apply. The first is what the state was made of. */
const either = (...values: readonly Value[]): readonly Value[] => [...values, UNKNOWN];

/** Configurations: one value of each attribute. */
const configurations = (choices: Choices): fc.Arbitrary<Values> =>
  fc.record(
    Object.fromEntries(Object.entries(choices).map(([name, values]) => [name, fc.constantFrom(...values)])),
  );

/** What an earlier run has left. */
const states = fc.record({
  renewal_due: fc.boolean(),
  reissue_reason: fc.constantFrom(null, "due", "key"),
}) as fc.Arbitrary<Values>;

const ISSUANCE: Choices = {
  key_algorithm: either(null, "ECDSA-P384"),
  validity_hours: either(null, 1000),
  renew_before_hours: either(null, 10),
};

const CHALLENGE: Values = {
  webroot: "/var/www",
  hosts: null,
  hook: null,
  hook_chain: null,
  propagation_seconds: null,
  look_first: null,
  dns_servers: null,
};

const acme = () => acmeCertificate(new AcmeDirectories(acmeTimeouts()), new KeyPassphrases());

/** A certificate of a CA that a plan does not need to ask. */
const acmeState = (): Values => ({
  ...Object.fromEntries(Object.keys(acme().schema.attributes).map((name) => [name, null])),
  directory_url: "https://ca.test/directory",
  account_url: "https://ca.test/account/1",
  names: ["a.test"],
  optional_names: ["pop.a.test"],
  challenge: CHALLENGE,
  key_algorithm: "ECDSA-P256",
  critical_fraction: 0.15,
  dns_names: ["a.test"],
  provable_names: [],
  certificate_pem: "the certificate",
  private_key_pem: String(made.private_key_pem),
  renewal_due: false,
});

let ca: Values;
let made: Values;

async function created(resource: Resource<never, never>, config: Values): Promise<Values> {
  const lifecycle = new ResourceLifecycle(resource);
  expect((await lifecycle.apply(config)).diagnostics).toEqual([]);
  return lifecycle.state as Values;
}

beforeAll(async () => {
  ca = await created(privateCa(new KeyPassphrases()) as never, {});
  made = await created(privateCertificate(new KeyPassphrases()) as never, {
    ca_certificate_pem: ca.certificate_pem as Value,
    ca_private_key_pem: ca.private_key_pem as Value,
    names: ["a.test"],
  });
});

interface Subject {
  readonly type: string;
  readonly resource: () => unknown;
  readonly state: () => Values;
  readonly config: () => Choices;
}

const SUBJECTS: readonly Subject[] = [
  {
    type: "mailsni_acme_certificate",
    resource: acme,
    state: acmeState,
    config: () => ({
      directory_url: either("https://ca.test/directory", "https://other.test/directory"),
      account_url: ["https://ca.test/account/1"],
      account_key_pem: [UNKNOWN],
      challenge: [CHALLENGE],
      names: either(["a.test"], ["a.test", "b.test"], ["a.test", UNKNOWN]),
      optional_names: either(["pop.a.test"], null, ["imap.a.test"]),
      profile: either(null, "shortlived"),
      reissue: either(null, "now"),
      key_algorithm: either(null, "RSA-2048"),
      run_interval_hours: either(null, 24),
      reuse_key: either(null, true),
    }),
  },
  {
    type: "mailsni_private_certificate",
    resource: () => privateCertificate(new KeyPassphrases()),
    state: () => made,
    config: () => ({
      ...ISSUANCE,
      ca_certificate_pem: either(ca.certificate_pem as Value),
      ca_private_key_pem: [ca.private_key_pem as Value],
      names: either(["a.test"], ["A.test"], ["b.test"], ["a.test", UNKNOWN]),
      reuse_key: either(null, true),
    }),
  },
  {
    type: "mailsni_private_ca",
    resource: () => privateCa(new KeyPassphrases()),
    state: () => ca,
    config: () => ({ ...ISSUANCE, common_name: either(null, "Another") }),
  },
];

describe.each(SUBJECTS)("reissue_reason of $type in a plan", ({ resource, state, config }) => {
  const planned = (of: Values, prior: Values | null) => {
    const lifecycle = new ResourceLifecycle(resource() as never);
    lifecycle.state = prior;
    return lifecycle.plan(of);
  };

  it("GIVEN any state and configuration THEN there is a reason if the certificate is reissued, and otherwise no change of it", async () => {
    await fc.assert(
      fc.asyncProperty(configurations(config()), states, async (of, read) => {
        const { planned: plan, unknown, diagnostics } = await planned(of, { ...state(), ...read });
        expect(diagnostics.filter((each) => each.startsWith("error"))).toEqual([]);
        if (unknown.includes("certificate_pem")) expect(plan.reissue_reason).not.toBeNull();
        else expect(plan.reissue_reason).toBe(read.reissue_reason);
      }),
    );
  });

  it("GIVEN a first certificate THEN the reason is known to be none", async () => {
    await fc.assert(
      fc.asyncProperty(configurations(config()), async (of) => {
        expect((await planned(of, null)).planned.reissue_reason).toBeNull();
      }),
    );
  });

  it("GIVEN a state that has no reason, and the same configuration THEN nothing changes", async () => {
    const same = Object.fromEntries(
      Object.entries(config()).map(([name, [first]]) => [name, first as Value]),
    );
    const { action, diagnostics } = await planned(same, state());
    expect({ action, diagnostics }).toEqual({ action: "no-op", diagnostics: [] });
  });
});
