import fc, { type Arbitrary } from "fast-check";
import type { Calls, DynamicValue } from "../../../../lib/provider/protocol/wire/messages";
import { wire } from "./client";

/** What no engine sends: bytes at random, values of any shape, types that do not exist, fields that are missing. */
const bytes = fc.uint8Array({ maxLength: 40 });

const value: Arbitrary<DynamicValue | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant(null as never),
  bytes.map((msgpack) => ({ msgpack })),
  bytes.map((json) => ({ json })),
  fc.jsonValue().map((json) => ({ json: Buffer.from(JSON.stringify(json)) })),
  fc.jsonValue().map((json) => wire(json)),
  fc
    .record({ name: fc.jsonValue(), size: fc.jsonValue(), tags: fc.jsonValue(), parts: fc.jsonValue() })
    .map((object) => wire(object)),
);

const typeName = fc.constantFrom(
  "dummy_thing",
  "dummy_greeting",
  "",
  "no_such_thing",
  "__proto__",
  "constructor",
);
const capabilities = fc.constantFrom(undefined, null, {}, { write_only_attributes_allowed: true });

export const garbage: { readonly [C in keyof Calls]?: Arbitrary<Calls[C]["request"]> } = {
  ValidateProviderConfig: fc.record({ config: value }),
  ConfigureProvider: fc.record({ terraform_version: fc.string(), config: value }),
  ValidateResourceConfig: fc.record({
    type_name: typeName,
    config: value,
    client_capabilities: capabilities,
  }),
  ValidateDataResourceConfig: fc.record({ type_name: typeName, config: value }),
  UpgradeResourceState: fc.record({
    type_name: typeName,
    version: fc.integer({ min: -1, max: 3 }),
    raw_state: fc.constantFrom(undefined, null, {}, { flatmap: { id: "x" } }).chain((other) =>
      fc.oneof(
        fc.constant(other),
        bytes.map((json) => ({ json })),
        fc.jsonValue().map((json) => ({ json: Buffer.from(JSON.stringify(json)) })),
      ),
    ),
  }),
  ReadResource: fc.record({ type_name: typeName, current_state: value, private: bytes }),
  PlanResourceChange: fc.record({
    type_name: typeName,
    prior_state: value,
    proposed_new_state: value,
    config: value,
    prior_private: bytes,
  }),
  ApplyResourceChange: fc.record({
    type_name: typeName,
    prior_state: value,
    planned_state: value,
    config: value,
    planned_private: bytes,
  }),
  ImportResourceState: fc.record({ type_name: typeName, id: fc.string() }),
  ReadDataSource: fc.record({ type_name: typeName, config: value }),
};
