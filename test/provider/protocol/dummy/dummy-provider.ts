import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Provider } from "../../../../lib/provider/protocol/provider";
import { type Context, type DataSource, defineResource } from "../../../../lib/provider/protocol/resource";
import { attribute, type ValuesOf } from "../../../../lib/provider/protocol/schema/schema";
import { isUnknown, UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { catalogue } from "../../../../lib/shared/summary";

const DUMMY = catalogue({
  reading: "Reading failed",
  failed: (operation: string) => `The ${operation} failed`,
});

export interface DummySettings {
  readonly greeting: string;
}

const configAttributes = {
  greeting: attribute.string({ description: "What every id begins with.", optional: true }),
};

const thingAttributes = {
  name: attribute.string({ description: "Its name; another name is another thing.", required: true }),
  size: attribute.number({ description: "Its size.", optional: true, computed: true }),
  tags: attribute.set("string", { description: "Its tags.", optional: true }),
  labels: attribute.map("string", { description: "Its labels.", optional: true }),
  secret: attribute.string({ description: "Never stored.", optional: true, writeOnly: true }),
  secret_length: attribute.number({ description: "How long the secret is.", computed: true }),
  parts: attribute.objectMap(
    {
      text: attribute.string({ description: "What the part holds.", optional: true, sensitive: true }),
      length: attribute.number({ description: "How long that is.", computed: true }),
    },
    { description: "Its parts.", optional: true },
  ),
  fails: attribute.string({
    description: "Which operation fails: create, read, update or delete.",
    optional: true,
  }),
  takes: attribute.number({
    description: "How many milliseconds each apply takes, unless asked to finish soon.",
    optional: true,
  }),
  journal: attribute.string({
    description: "A file to which each apply writes when it begins and when it has finished.",
    optional: true,
  }),
  id: attribute.string({ description: "Its identity.", computed: true }),
};

type Thing = ValuesOf<typeof thingAttributes>;

const thing = defineResource<typeof thingAttributes, DummySettings>({
  schema: { version: 1, description: "A thing that exists in the state alone.", attributes: thingAttributes },

  plan({ config, prior, planned, requireReplacement }) {
    if (config.size === null && prior === null) planned.size = 1;
    planned.secret_length = isUnknown(config.secret) ? UNKNOWN : (config.secret?.length ?? null);
    if (planned.parts !== null && !isUnknown(planned.parts)) {
      for (const part of Object.values(planned.parts)) {
        if (!isUnknown(part)) part.length = isUnknown(part.text) ? UNKNOWN : (part.text ?? "").length;
      }
    }
    requireReplacement(["name"]);
  },

  async create({ config, provider, ...context }) {
    await settle(config, "create", context);
    if (context.diagnostics.hasErrors) return null;
    return {
      state: { ...completed(config, 1), id: `${provider.greeting}-${config.name}` },
      private: { created: true },
    };
  },

  async read({ prior, diagnostics }) {
    if (prior.fails === "read") diagnostics.error(DUMMY.reading, "As asked.", ["fails"]);
    return { state: prior };
  },

  async update({ config, prior, ...context }) {
    await settle(config, "update", context);
    return {
      state: context.diagnostics.hasErrors ? prior : { ...completed(config, prior.size), id: prior.id },
    };
  },

  async delete({ prior, ...context }) {
    await settle(prior, "delete", context);
  },

  identity: {
    attributes: { name: { description: "The name.", required: true } },
    parse: (id) => ({ name: id }),
    of: ({ name }) => ({ name }),
  },

  async import({ identity: { name } }) {
    return { state: { ...NOTHING, name: String(name), size: 1, id: `imported-${name}` } };
  },

  move({ providerAddress, typeName, state }) {
    if (typeName !== "other_thing" || !providerAddress.endsWith("/test/other")) return null;
    return { state: { ...NOTHING, name: String(state.label), size: 1, id: `moved-${state.label}` } };
  },

  upgrade(state) {
    const { title, ...rest } = state;
    return { ...rest, name: title };
  },
});

const NOTHING: Thing = {
  name: "",
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

/** What a thing of this configuration is, without its identity. */
function completed(config: Thing, size: number | null): Thing {
  const parts = config.parts && Object.entries(config.parts);
  return {
    ...config,
    size: config.size ?? size,
    secret_length: config.secret?.length ?? null,
    parts:
      parts && Object.fromEntries(parts.map(([k, { text }]) => [k, { text, length: (text ?? "").length }])),
  };
}

/** Takes its time, unless asked to finish soon. */
async function settle(
  { takes, fails, journal }: Thing,
  operation: string,
  { diagnostics, signal }: Pick<Context<DummySettings>, "diagnostics" | "signal">,
): Promise<void> {
  if (journal !== null) appendFileSync(journal, `${operation} begins\n`);
  if (takes !== null) await setTimeout(takes, null, { signal }).catch(() => {});
  if (journal !== null) {
    // What has begun is brought to an end, even if no caller waits for it any more.
    await setTimeout(20);
    appendFileSync(journal, `${operation} ends\n`);
  }
  if (fails === operation) diagnostics.error(DUMMY.failed(operation), "As asked.", ["fails"]);
}

const greetingAttributes = {
  to: attribute.string({ description: "Whom to greet.", required: true }),
  text: attribute.string({ description: "The greeting.", computed: true }),
};

const greeting: DataSource<typeof greetingAttributes, DummySettings> = {
  schema: { version: 0, description: "A greeting.", attributes: greetingAttributes },
  async read({ config, provider }) {
    return { ...config, text: `${provider.greeting}, ${config.to}` };
  },
};

/** A provider that shows each part of the protocol and touches nothing. */
export function dummyProvider(): Provider<typeof configAttributes, DummySettings> {
  return {
    schema: { version: 0, description: "Does nothing, by the book.", attributes: configAttributes },
    resources: { dummy_thing: thing },
    dataSources: { dummy_greeting: greeting },
    configure: ({ config }) => ({
      greeting: config.greeting === null || isUnknown(config.greeting) ? "hello" : config.greeting,
    }),
  };
}
