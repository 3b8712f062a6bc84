import { ExtData, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../lib/provider/protocol/provider";
import type { Context, Resource } from "../../../lib/provider/protocol/resource";
import { attribute } from "../../../lib/provider/protocol/schema/schema";
import { UNKNOWN } from "../../../lib/provider/protocol/values/unknown";
import type { Calls } from "../../../lib/provider/protocol/wire/messages";
import type { Summary } from "../../../lib/shared/summary";
import { dummyProvider } from "./dummy/dummy-provider";
import { connect, errorsOf, stepsOf, type TestClient, unwire, unwireObject, wire } from "./support/client";
import { garbage } from "./support/garbage";

const THING = {
  name: "a",
  size: null,
  tags: null,
  labels: null,
  secret: null,
  secret_length: null,
  parts: null,
  fails: null,
  takes: null,
  journal: null,
  id: null,
};
const EXISTING = { ...THING, size: 1, id: "hello-a" };
const WRITE_ONLY_ALLOWED = { write_only_attributes_allowed: true };

let client: TestClient;
beforeEach(async () => {
  client = await connect(dummyProvider());
});
afterEach(() => client.close());

const configure = (terraform_version = "1.11.4", config: object = { greeting: "hello" }) =>
  client.call("ConfigureProvider", { terraform_version, config: wire(config) });

const validate = (config: object, client_capabilities: object | null = WRITE_ONLY_ALLOWED) =>
  client.call("ValidateResourceConfig", {
    type_name: "dummy_thing",
    config: wire(config),
    client_capabilities,
  });

const plan = (prior: object | null, config: object, proposed: object = config) =>
  client.call("PlanResourceChange", {
    type_name: "dummy_thing",
    prior_state: wire(prior),
    proposed_new_state: wire(proposed),
    config: wire(config),
  });

const apply = (
  prior: object | null,
  planned: object | null,
  config: object | null,
  planned_private?: Uint8Array,
) =>
  client.call("ApplyResourceChange", {
    type_name: "dummy_thing",
    prior_state: wire(prior),
    planned_state: wire(planned),
    config: wire(config),
    planned_private,
  });

const summaries = (response: Parameters<typeof errorsOf>[0]) =>
  errorsOf(response).map(({ summary }) => summary);

describe("GetProviderSchema", () => {
  it("THEN it lists all schemas, with types as JSON, and what the provider can do", async () => {
    const { provider, resource_schemas, data_source_schemas, server_capabilities, diagnostics } =
      await client.call("GetProviderSchema", {});

    expect(diagnostics).toEqual([]);
    expect(provider?.block.attributes.map(({ name }) => name)).toEqual(["greeting"]);
    expect(Object.keys(resource_schemas ?? {})).toEqual(["dummy_thing"]);
    expect(Object.keys(data_source_schemas ?? {})).toEqual(["dummy_greeting"]);
    expect(server_capabilities).toMatchObject({ plan_destroy: false, get_provider_schema_optional: true });
    const attributes = resource_schemas?.dummy_thing?.block.attributes ?? [];
    const byName = Object.fromEntries(attributes.map((one) => [one.name, one]));
    expect(Buffer.from(byName.name?.type ?? []).toString()).toBe('"string"');
    expect(Buffer.from(byName.tags?.type ?? []).toString()).toBe('["set","string"]');
    expect(byName.parts?.nested_type?.nesting).toBe(4);
    expect(byName.secret).toMatchObject({ write_only: true, optional: true });
  });
});

describe("ConfigureProvider", () => {
  it.each(["1.10.5", "1.5.7", "0.15.0", "1.10.0-rc1"])(
    "GIVEN engine %s THEN one sentence says what is needed",
    async (version) => {
      const [error, ...others] = errorsOf(await configure(version));

      expect(others).toEqual([]);
      expect(error?.detail).toContain("Terraform >= 1.11 or OpenTofu >= 1.11");
      expect(error?.detail).toContain(version);
    },
  );

  it.each(["1.11.0", "1.11.0-beta1", "1.12.6", "2.0.0", "no"])(
    "GIVEN engine %s THEN it is served",
    async (version) => {
      expect(errorsOf(await configure(version))).toEqual([]);
    },
  );

  it("GIVEN a configuration that is not known yet THEN that is no error", async () => {
    expect(errorsOf(await configure("1.11.4", { greeting: UNKNOWN }))).toEqual([]);
  });

  it("GIVEN calls before it THEN they are told so", async () => {
    const response = await plan(null, THING);
    expect(errorsOf(response)[0]?.detail).toContain("not been configured");
  });
});

describe("ValidateResourceConfig", () => {
  it("GIVEN everything unknown THEN there is nothing to say", async () => {
    const unknown = Object.fromEntries(Object.keys(THING).map((name) => [name, UNKNOWN]));
    expect(errorsOf(await validate(unknown))).toEqual([]);
  });

  it("GIVEN an unknown value that is refined THEN it is unknown all the same", async () => {
    const notNullWithPrefix = new ExtData(
      12,
      encode(
        new Map<number, unknown>([
          [1, false],
          [2, "pre"],
        ]) as never,
      ),
    );
    expect(errorsOf(await validate({ ...THING, name: notNullWithPrefix }))).toEqual([]);
  });

  it.each([null, {}, { write_only_attributes_allowed: false }])(
    "GIVEN capabilities %j and a write-only value THEN the engine is too old",
    async (capabilities) => {
      const [error] = errorsOf(await validate({ ...THING, secret: "x" }, capabilities));
      expect(error?.detail).toContain("Terraform >= 1.11 or OpenTofu >= 1.11");
      // A path would have the engine print the line that the secret stands in.
      expect(stepsOf(error?.attribute)).toEqual([]);
      expect(errorsOf(await validate(THING, capabilities))).toEqual([]);
    },
  );

  it("GIVEN null within a set, a map or nested objects THEN it is refused where it stands", async () => {
    const errors = errorsOf(
      await validate({ ...THING, tags: ["x", null], labels: { k: null }, parts: { p: null } }),
    );
    expect(errors.map(({ attribute }) => stepsOf(attribute))).toEqual([
      ["tags"],
      ["labels", "k"],
      ["parts", "p"],
    ]);
  });

  it.each([
    ["an integer beyond 2^53", 18446744073709551615n],
    ["an integer beyond 2^64", "36893488147419103233"],
    ["a fraction of too many digits", "0.12345678901234567890123"],
  ])("GIVEN %s THEN it is refused, not rounded", async (_title, size) => {
    const [error] = errorsOf(await validate({ ...THING, size }));
    expect(error?.summary).toBe("Number out of range");
    expect(stepsOf(error?.attribute)).toEqual(["size"]);
  });
});

describe("PlanResourceChange", () => {
  beforeEach(() => configure());

  it("GIVEN a create THEN what is computed is unknown, unless planned, and write-only values are gone", async () => {
    const config = { ...THING, secret: "1234", parts: { p: { text: "abc", length: null } } };
    const response = await plan(null, config);

    expect(errorsOf(response)).toEqual([]);
    expect(unwireObject(response.planned_state)).toEqual({
      ...config,
      secret: null,
      secret_length: 4,
      size: 1,
      parts: { p: { text: "abc", length: 3 } },
      id: UNKNOWN,
    });
  });

  it("GIVEN an update THEN prior values stay, and those of new elements are unknown", async () => {
    const prior = { ...EXISTING, parts: { p: { text: "abc", length: 3 } } };
    const config = {
      ...THING,
      parts: { p: { text: "abc", length: null }, q: { text: UNKNOWN, length: null } },
    };
    const proposed = { ...config, ...{ size: 1, id: "hello-a" } };

    const planned = unwireObject((await plan(prior, config, proposed)).planned_state);

    expect(planned).toMatchObject({
      id: "hello-a",
      size: 1,
      parts: { q: { text: UNKNOWN, length: UNKNOWN } },
    });
  });

  it("GIVEN private bytes THEN they are given back", async () => {
    const prior_private = Buffer.from('{"a":1}');
    const response = await client.call("PlanResourceChange", {
      type_name: "dummy_thing",
      prior_state: wire(EXISTING),
      proposed_new_state: wire(EXISTING),
      config: wire(THING),
      prior_private,
    });
    expect(Buffer.from(response.planned_private ?? []).toString()).toBe('{"a":1}');
  });

  it("GIVEN a change that replaces THEN its path is told; on a create too, where it is ignored", async () => {
    const renamed = { ...EXISTING, name: "b" };
    const response = await plan(EXISTING, { ...THING, name: "b" }, renamed);
    expect(response.requires_replace?.map(stepsOf)).toEqual([["name"]]);
  });

  it.each([0.1, 1e-7, -2.5, 1e21, 9007199254740991, 0, 4294967296])(
    "GIVEN the number %d THEN the very same is planned",
    async (size) => {
      const planned = unwireObject((await plan(null, { ...THING, size })).planned_state);
      expect(Number(planned.size)).toBe(size);
    },
  );

  it("GIVEN map keys such as __proto__ THEN they are keys", async () => {
    const labels = Object.fromEntries([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    const response = await plan(null, { ...THING, labels });
    expect(errorsOf(response)).toEqual([]);
    expect(unwireObject(response.planned_state).labels).toEqual(labels);
  });

  it("GIVEN twenty megabytes THEN they are planned", async () => {
    const labels = { big: "x".repeat(20 << 20) };
    const response = await plan(null, { ...THING, labels });
    expect(errorsOf(response)).toEqual([]);
    expect(unwireObject(response.planned_state).labels).toEqual(labels);
  });
});

describe("ApplyResourceChange", () => {
  beforeEach(() => configure());

  it("GIVEN a write-only value THEN the resource sees it, and the state does not", async () => {
    const config = { ...THING, secret: "1234" };
    const { new_state } = await apply(null, { ...THING, size: 1, secret_length: 4, id: UNKNOWN }, config);
    expect(unwireObject(new_state)).toMatchObject({ secret: null, secret_length: 4, id: "hello-a" });
  });

  it("GIVEN private data THEN a create sets it, an update that says nothing keeps it", async () => {
    const created = await apply(null, { ...THING, size: 1, id: UNKNOWN }, THING);
    expect(Buffer.from(created.private ?? []).toString()).toBe('{"created":true}');
    const updated = await apply(EXISTING, EXISTING, THING, created.private);
    expect(Buffer.from(updated.private ?? []).toString()).toBe('{"created":true}');
  });

  it.each(["{nonsense", '"nonsense"', '["nonsense"]'])(
    "GIVEN private data %s, which is damaged, THEN that is a warning, and the apply goes on",
    async (damaged) => {
      const { new_state, diagnostics } = await apply(EXISTING, EXISTING, THING, Buffer.from(damaged));
      expect(unwire(new_state)).toEqual(EXISTING);
      expect(diagnostics).toMatchObject([
        { severity: 2, summary: "Private data of the resource is damaged" },
      ]);
      expect(JSON.stringify(diagnostics)).not.toContain("nonsense");
    },
  );

  it("GIVEN a failed create THEN nothing is kept; a failed update or delete THEN what was there", async () => {
    const failing = (fails: string) => ({ ...THING, fails });
    const existing = (fails: string) => ({ ...EXISTING, fails });

    const created = await apply(null, { ...failing("create"), size: 1, id: UNKNOWN }, failing("create"));
    const updated = await apply(existing("update"), existing("update"), failing("update"), Buffer.from("{}"));
    const deleted = await apply(existing("delete"), null, null, Buffer.from("{}"));

    expect([created, updated, deleted].map((response) => summaries(response))).toEqual([
      ["The create failed"],
      ["The update failed"],
      ["The delete failed"],
    ]);
    expect(unwire(created.new_state)).toBeNull();
    expect(unwire(updated.new_state)).toEqual(existing("update"));
    expect(unwire(deleted.new_state)).toEqual(existing("delete"));
    expect(Buffer.from(deleted.private ?? []).toString()).toBe("{}");
  });

  it("GIVEN a delete THEN there is nothing left; of nothing THEN that is done already", async () => {
    expect(unwire((await apply(EXISTING, null, null)).new_state)).toBeNull();
    expect(unwire((await apply(null, null, null)).new_state)).toBeNull();
  });

  it("GIVEN a hundred applies at once THEN each has its own result", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
    const responses = await Promise.all(
      names.map((name) =>
        apply(null, { ...THING, name, size: 1, takes: 5, id: UNKNOWN }, { ...THING, name, takes: 5 }),
      ),
    );
    expect(responses.map(({ new_state }) => unwireObject(new_state).id)).toEqual(
      names.map((name) => `hello-${name}`),
    );
  });
});

describe("ReadResource", () => {
  beforeEach(() => configure());

  it("GIVEN an error THEN the state and the private bytes are what they were", async () => {
    const state = { ...EXISTING, fails: "read" };
    const response = await client.call("ReadResource", {
      type_name: "dummy_thing",
      current_state: wire(state),
      private: Buffer.from('{"kept":1}'),
    });
    const [error] = errorsOf(response);
    expect(stepsOf(error?.attribute)).toEqual(["fails"]);
    expect(unwire(response.new_state)).toEqual(state);
    expect(Buffer.from(response.private ?? []).toString()).toBe('{"kept":1}');
  });
});

describe("UpgradeResourceState", () => {
  const upgrade = (version: number, json: string) =>
    client.call("UpgradeResourceState", {
      type_name: "dummy_thing",
      version,
      raw_state: { json: Buffer.from(json) },
    });

  it("GIVEN the current version THEN the bytes come back, numbers of any size in them", async () => {
    const json = '{"name":"a","size":18446744073709551617,"id":"x"}';
    const { upgraded_state } = await upgrade(1, json);
    expect(Buffer.from(upgraded_state?.json ?? []).toString()).toBe(json);
  });

  it("GIVEN a write-only value in a state THEN it is taken out", async () => {
    const { upgraded_state } = await upgrade(1, '{"name":"a","secret":"1234"}');
    expect(unwireObject(upgraded_state)).toEqual({ ...THING, name: "a" });
  });

  it("GIVEN an older version THEN it is brought to the current one, with null for what is new", async () => {
    const { upgraded_state, diagnostics } = await upgrade(0, '{"title":"a","id":"x"}');
    expect(diagnostics).toEqual([]);
    expect(unwireObject(upgraded_state)).toEqual({ ...THING, name: "a", id: "x" });
  });

  it.each([
    ["a newer version", 2, "{}", "schema version 2"],
    [
      "an older version with a number that would be rounded",
      0,
      '{"title":"a","size":18446744073709551617}',
      "round",
    ],
    [
      "an older version with an attribute that the schema does not have",
      0,
      '{"title":"a","colour":"s3cret"}',
      "colour",
    ],
    ["what is not JSON", 1, '{"name":"s3cret', "not JSON"],
    ["what is not an object", 1, '["s3cret"]', "not an object"],
    ["nothing", 1, "", "Terraform 0.11"],
  ])("GIVEN %s THEN that is said, without the content", async (_title, version, json, words) => {
    const [error] = errorsOf(await upgrade(version, json));
    expect(error?.detail).toContain(words);
    expect(error?.detail).not.toContain("s3cret");
  });
});

describe("ImportResourceState", () => {
  it("GIVEN an id THEN one object is imported", async () => {
    await configure();
    const { imported_resources } = await client.call("ImportResourceState", {
      type_name: "dummy_thing",
      id: "z",
    });
    expect(imported_resources).toHaveLength(1);
    expect(imported_resources?.[0]?.type_name).toBe("dummy_thing");
    expect(unwireObject(imported_resources?.[0]?.state)).toMatchObject({ name: "z", id: "imported-z" });
  });
});

describe("ReadDataSource", () => {
  const read = (config: object) =>
    client.call("ReadDataSource", { type_name: "dummy_greeting", config: wire(config) });

  it("GIVEN a configuration THEN what was read", async () => {
    await configure();
    expect(unwire((await read({ to: "you", text: null })).state)).toEqual({ to: "you", text: "hello, you" });
  });

  it("GIVEN what is not known THEN that is an error", async () => {
    await configure();
    expect(errorsOf(await read({ to: UNKNOWN, text: null }))).toHaveLength(1);
  });
});

describe("StopProvider", () => {
  it("GIVEN a running apply THEN it finishes soon, and calls are answered still", async () => {
    await configure();
    const running = apply(
      null,
      { ...THING, size: 1, takes: 600_000, id: UNKNOWN },
      { ...THING, takes: 600_000 },
    );
    await plan(null, THING); // The apply has begun.

    expect(await client.call("StopProvider", {})).toEqual({ Error: "" });

    expect(unwireObject((await running).new_state).id).toBe("hello-a");
    expect(errorsOf(await plan(null, THING))).toEqual([]);
  });

  it("GIVEN another ConfigureProvider after it THEN what follows is not asked to stop", async () => {
    let aborted: boolean | undefined;
    const other = await connect(
      oneResource({
        read: async ({ prior, signal }) => {
          aborted = signal.aborted;
          return { state: prior };
        },
      }),
    );
    const state = wire({ id: "x", list: null });
    const read = () => other.call("ReadResource", { type_name: "one", current_state: state });
    await configureOne(other);
    await other.call("StopProvider", {});
    await read();
    expect(aborted).toBe(true);
    await configureOne(other);
    await read();
    expect(aborted).toBe(false);
    await other.close();
  });
});

/** A provider with one resource, which has an id and does as told. */
// biome-ignore lint/suspicious/noExplicitAny: operations of any kind, wrong ones too
function oneResource(operations: Partial<Resource<any, null>>): Provider<any, null> {
  const attributes = {
    id: attribute.string({ description: "Its identity.", computed: true }),
    list: attribute.objects(
      { text: attribute.string({ description: "A text.", optional: true }) },
      { description: "Texts.", optional: true },
    ),
  };
  const wrong = () => {
    throw new Error("not expected");
  };
  const resource = {
    schema: { version: 0, description: "One.", attributes },
    create: wrong,
    read: wrong,
    update: wrong,
    delete: wrong,
    ...operations,
  };
  return {
    schema: { version: 0, description: "Of one.", attributes: {} },
    resources: { one: resource },
    dataSources: {},
    configure: () => null,
  };
}

const configureOne = (other: TestClient) =>
  other.call("ConfigureProvider", { terraform_version: "1.11.4", config: wire({}) });

describe("a resource that fails", () => {
  const state = { id: "x", list: null };
  const response = async <C extends keyof Calls>(
    // biome-ignore lint/suspicious/noExplicitAny: operations of any kind, wrong ones too
    operations: Partial<Resource<any, null>>,
    name: C,
    request: object,
  ): Promise<Calls[C]["response"]> => {
    const other = await connect(oneResource(operations));
    try {
      await configureOne(other);
      return await other.call(name, { type_name: "one", ...request } as never);
    } finally {
      await other.close();
    }
  };
  const create = {
    prior_state: wire(null),
    planned_state: wire({ id: UNKNOWN, list: null }),
    config: wire({ id: null, list: null }),
  };
  const update = {
    ...create,
    prior_state: wire(state),
    planned_state: wire(state),
    planned_private: Buffer.from("{}"),
  };
  const boom = async () => {
    throw new Error("disk full");
  };

  it.each([
    ["a rejection", boom],
    [
      "an exception",
      () => {
        throw new Error("disk full");
      },
    ],
    [
      "a thrown string",
      () => {
        throw "disk full";
      },
    ],
  ])("GIVEN %s in create THEN it is an error, and nothing is kept", async (_title, create_) => {
    const { new_state, diagnostics } = await response(
      { create: create_ as never },
      "ApplyResourceChange",
      create,
    );
    expect(diagnostics).toMatchObject([{ severity: 1, detail: "disk full" }]);
    expect(unwire(new_state)).toBeNull();
  });

  it("GIVEN a rejection in update, delete or read THEN the prior state and private bytes are kept", async () => {
    const updated = await response({ update: boom }, "ApplyResourceChange", update);
    const deleted = await response({ delete: boom }, "ApplyResourceChange", {
      ...update,
      planned_state: wire(null),
    });
    const read = await response({ read: boom }, "ReadResource", {
      current_state: wire(state),
      private: Buffer.from("{}"),
    });
    for (const { new_state, private: bytes, diagnostics } of [updated, deleted, read]) {
      expect(diagnostics).toMatchObject([{ severity: 1, detail: "disk full" }]);
      expect(unwire(new_state)).toEqual(state);
      expect(Buffer.from(bytes ?? []).toString()).toBe("{}");
    }
  });

  it("GIVEN an error with an object THEN exactly that is kept, however it differs from the plan", async () => {
    const half = { id: "half", list: null };
    const operation = async ({ diagnostics }: Context<null>) => {
      diagnostics.error("Half done" as Summary, "Only half.");
      return { state: half, private: { unfinished: true } };
    };
    for (const request of [create, update]) {
      const answer = await response({ create: operation, update: operation }, "ApplyResourceChange", request);
      expect(unwire(answer.new_state)).toEqual(half);
      expect(summaries(answer)).toEqual(["Half done"]);
      expect(Buffer.from(answer.private ?? []).toString()).toBe('{"unfinished":true}');
    }
  });

  it("GIVEN null without an error THEN that is a fault of the provider", async () => {
    const created = await response({ create: async () => null }, "ApplyResourceChange", create);
    const updated = await response({ update: async () => null }, "ApplyResourceChange", update);
    expect(summaries(created)[0]).toContain("produced nothing");
    expect(unwire(created.new_state)).toBeNull();
    expect(summaries(updated)[0]).toContain("produced nothing");
    expect(unwire(updated.new_state)).toEqual(state);
  });

  it("GIVEN null beside an error in read THEN the state is kept: what cannot be reached is not gone", async () => {
    const read = await response(
      {
        read: async ({ diagnostics }) => {
          diagnostics.error("No answer" as Summary, "From the host.");
          return null;
        },
      },
      "ReadResource",
      { current_state: wire(state) },
    );
    expect(summaries(read)).toEqual(["No answer"]);
    expect(unwire(read.new_state)).toEqual(state);
  });

  it("GIVEN an object that is gone THEN read answers null", async () => {
    const { new_state, diagnostics } = await response({ read: async () => null }, "ReadResource", {
      current_state: wire(state),
    });
    expect(diagnostics).toEqual([]);
    expect(unwire(new_state)).toBeNull();
  });

  it.each([
    ["NaN", { id: Number.NaN }],
    ["a wrong type", { id: 5 }],
    ["an attribute that does not exist", { idd: "x" }],
    ["a lone surrogate", { id: "\ud800" }],
    ["a Date", { id: new Date(0) }],
    ["no object", "x"],
  ])(
    "GIVEN %s as a result THEN it is an error with a path, and never reaches the engine",
    async (_title, result) => {
      const read = await response({ read: async () => ({ state: result as never }) }, "ReadResource", {
        current_state: wire(state),
      });
      expect(errorsOf(read)).toHaveLength(1);
      expect(unwire(read.new_state)).toEqual(state);
    },
  );

  it("GIVEN diagnostics with paths THEN names, keys and positions are told apart, and wrong ones cut short", async () => {
    const paths = [["list", 0, "text"], ["list", 1, "colour"], ["nowhere"], []];
    const read = await response(
      {
        read: async ({ diagnostics, prior }) => {
          for (const path of paths) diagnostics.warning("There" as Summary, "There.", path);
          return { state: prior };
        },
      },
      "ReadResource",
      { current_state: wire(state) },
    );
    expect(read.diagnostics.map(({ attribute }) => stepsOf(attribute))).toEqual([
      ["list", 0, "text"],
      ["list", 1],
      [],
      [],
    ]);
  });

  it("GIVEN a replacement because of what does not exist THEN that is a fault; of what is not there THEN nothing", async () => {
    const ask = (path: (string | number)[]) =>
      response({ plan: ({ requireReplacement }) => requireReplacement(path) }, "PlanResourceChange", {
        prior_state: wire(state),
        proposed_new_state: wire(state),
        config: wire({ id: null, list: null }),
      });
    expect(summaries(await ask(["colour"]))[0]).toContain("invalid plan");
    const nowhere = await ask(["list", 3]);
    expect([nowhere.diagnostics, nowhere.requires_replace]).toEqual([[], []]);
  });

  const NAMED = {
    attributes: { name: { description: "The name.", required: true } },
    parse: (id: string) => ({ name: id }),
    of: () => ({ name: null }),
  };

  it("GIVEN a rejection THEN the identity stays that of the import, which the state does not have", async () => {
    const identity_data = wire({ name: "imported" });
    const asked = { identity: NAMED, update: boom, delete: boom, read: boom, plan: boom };
    const withIdentity = { ...update, planned_identity: { identity_data } };
    const updated = await response(asked, "ApplyResourceChange", withIdentity);
    const deleted = await response(asked, "ApplyResourceChange", {
      ...withIdentity,
      planned_state: wire(null),
    });
    const read = await response(asked, "ReadResource", {
      current_state: wire(state),
      current_identity: { identity_data },
    });
    const planned = await response(asked, "PlanResourceChange", {
      prior_state: wire(state),
      proposed_new_state: wire(state),
      config: wire({ id: null, list: null }),
      prior_identity: { identity_data },
    });
    const identities = [updated, deleted, read].map(({ new_identity }) => new_identity);
    for (const identity of [...identities, planned.planned_identity])
      expect(unwire(identity?.identity_data ?? undefined)).toEqual({ name: "imported" });
  });

  it("GIVEN no import THEN that is said; nothing with this id THEN that too", async () => {
    const [none] = errorsOf(await response({}, "ImportResourceState", { id: "x" }));
    expect(none?.detail).toContain("cannot be imported");
    const [nothing] = errorsOf(
      await response({ identity: NAMED, import: async () => null }, "ImportResourceState", { id: "x" }),
    );
    expect(nothing?.detail).toContain("for x.");
  });

  it("GIVEN a schema that would crash an engine THEN it is an error", async () => {
    const other = await connect({
      ...oneResource({}),
      schema: {
        version: 0,
        description: "",
        attributes: { Bad: attribute.string({ description: "", optional: true }) },
      },
    });
    expect(errorsOf(await other.call("GetProviderSchema", {}))[0]?.detail).toContain("Bad");
    await other.close();
  });
});

describe("garbage", () => {
  it.each(Object.keys(garbage) as (keyof Calls)[])(
    "GIVEN it in %s THEN there is an answer, and the next one too",
    async (name) => {
      await configure();
      await fc.assert(
        fc.asyncProperty(garbage[name] as fc.Arbitrary<never>, async (request) => {
          const { diagnostics } = (await client.call(name, request)) as Calls["ReadResource"]["response"];
          for (const { summary, detail } of diagnostics)
            expect(summary.length * detail.length).toBeGreaterThan(0);
        }),
        { numRuns: 50 },
      );
      expect((await client.call("GetProviderSchema", {})).provider).toBeTruthy();
    },
  );

  it.each(["PlanResourceChange", "ApplyResourceChange", "ReadResource"] as const)(
    "GIVEN bytes that are no message in %s THEN the answer is an error, and the process lives on",
    async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
          expect(errorsOf(await client.callRaw(name, bytes))).toHaveLength(1);
        }),
        { numRuns: 50 },
      );
      expect((await client.call("GetProviderSchema", {})).provider).toBeTruthy();
    },
  );

  it("GIVEN an empty request for a resource THEN it is an error", async () => {
    await configure();
    for (const name of [
      "ValidateResourceConfig",
      "ReadResource",
      "PlanResourceChange",
      "ApplyResourceChange",
    ] as const) {
      for (const type_name of ["", "dummy_thing"]) {
        expect(errorsOf(await client.call(name, { type_name })), name).toHaveLength(1);
      }
    }
  });
});
