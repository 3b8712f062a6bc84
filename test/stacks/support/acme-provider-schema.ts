/**
 * What an engine says of `vancluever/acme` 3.2 when it is asked for the provider's schema, as far as the example has to do
 * with it. Names and kinds were compared with bindings that are published for 3.2.1.
 */
export const acmeProviderSchema = {
  provider: resource({ server_url: required("string") }),
  resource_schemas: {
    acme_registration: resource({
      id: { type: "string", optional: true, computed: true },
      account_key_pem: { type: "string", optional: true, computed: true, sensitive: true },
      email_address: optional("string"),
      registration_url: computed("string"),
    }),
    acme_certificate: resource(
      {
        id: { type: "string", optional: true, computed: true },
        account_key_pem: { ...required("string"), sensitive: true },
        common_name: optional("string"),
        subject_alternative_names: optional(["set", "string"]),
        key_type: optional("string"),
        min_days_remaining: optional("number"),
        revoke_certificate_on_destroy: optional("bool"),
        certificate_pem: computed("string"),
        issuer_pem: computed("string"),
        private_key_pem: { ...computed("string"), sensitive: true },
        certificate_not_after: computed("string"),
      },
      {
        dns_challenge: {
          nesting_mode: "list",
          block: {
            attributes: {
              provider: required("string"),
              config: { ...optional(["map", "string"]), sensitive: true },
            },
          },
        },
      },
    ),
  },
  data_source_schemas: {},
};

type AttributeType = string | readonly string[];

function resource(attributes: object, blocks: object = {}): object {
  return { version: 0, block: { attributes, block_types: blocks } };
}

function required(type: AttributeType) {
  return { type, required: true };
}

function optional(type: AttributeType) {
  return { type, optional: true };
}

function computed(type: AttributeType) {
  return { type, computed: true };
}
