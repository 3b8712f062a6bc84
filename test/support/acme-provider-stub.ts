import type { Provider } from "../../lib/provider/protocol/provider";
import { defineResource } from "../../lib/provider/protocol/resource";
import { type Attributes, attribute } from "../../lib/provider/protocol/schema/schema";

/** Where each engine looks for `vancluever/acme`. */
export const ACME_PROVIDERS = {
  terraform: "registry.terraform.io/vancluever/acme",
  tofu: "registry.opentofu.org/vancluever/acme",
} as const;

const text = (sensitive = false) =>
  attribute.string({ description: "As configured.", optional: true, sensitive });

/** The attributes of the provider's version 2 that hold what has to survive. */
const registration = {
  id: text(),
  registration_url: text(),
  account_key_pem: text(true),
  email_address: text(),
};
const certificate = {
  id: text(),
  account_key_pem: text(true),
  common_name: text(),
  subject_alternative_names: attribute.set("string", { description: "As configured.", optional: true }),
  certificate_url: text(),
  certificate_domain: text(),
  certificate_pem: text(),
  issuer_pem: text(),
  private_key_pem: text(true),
  certificate_request_pem: text(),
  min_days_remaining: attribute.number({ description: "As configured.", optional: true }),
};

/** A provider in the place of vancluever/acme: its states are what was configured. It has nothing to do with a CA. */
export function acmeProviderStub(): Provider<Attributes, null> {
  return {
    schema: { version: 0, description: "A stand-in.", attributes: {} },
    resources: { acme_registration: kept(registration), acme_certificate: kept(certificate) },
    dataSources: {},
    configure: () => null,
  };
}

function kept(attributes: Attributes) {
  return defineResource<Attributes, null>({
    schema: { version: 5, description: "A stand-in.", attributes },
    create: async ({ config }) => ({ state: config }),
    read: async ({ prior }) => ({ state: prior }),
    update: async ({ config }) => ({ state: config }),
    delete: async () => {},
  });
}
