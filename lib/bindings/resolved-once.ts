import { type IResolvable, type IResolveContext, Token, Tokenization } from "cdktf";

/**
 * A resource's fragment of a stack, rendered so that cdktf resolves its attributes once rather than three times.
 *
 * cdktf resolves every value in search of references between stacks, again for the fragment, and again for the stack
 * that it merges the fragments into, with some microseconds for each map key and list element. That is most of the
 * synth time of a stack with thousands of files. The result is the same.
 *
 * @param fragment what `TerraformResource.toTerraform()` returned
 */
// biome-ignore lint/suspicious/noExplicitAny: cdktf's own type of a fragment
export function resolvedOnce(fragment: any): any {
  const { resource, ...others } = fragment;
  if (resource === undefined) return fragment;
  return {
    ...others,
    resource: mapValues<Attributes, Attributes>(resource, (byId) => mapValues(byId, deferred)),
  };
}

type Attributes = Record<string, unknown>;

function deferred(attributes: unknown): IResolvable {
  return resolvable((context) => {
    const resolved = resolve(attributes, context);
    return context.preparing ? undefined : ready(resolved);
  });
}

/** What was resolved with the fragment, let through when the stack is. */
function ready(resolved: unknown): IResolvable {
  return Object.assign(
    resolvable(() => resolved),
    // In case that a stack is written as soon as its fragments are resolved.
    { toJSON: () => resolved },
  );
}

/** Something that is replaced by what `produce` returns, which is not looked at again. */
function resolvable(produce: (context: IResolveContext) => unknown): IResolvable {
  return {
    creationStack: [],
    resolve(context) {
      const value = produce(context);
      context.registerPostProcessor({ postProcess: () => value });
      return undefined;
    },
    toString: () => "attributes of a resource",
  };
}

/** Like `context.resolve`, which is asked only where something is to be resolved. */
function resolve(value: unknown, context: IResolveContext): unknown {
  if (typeof value === "string") return MAY_HOLD_TOKEN.test(value) ? context.resolve(value) : value;
  if (typeof value === "number") return Token.isUnresolved(value) ? context.resolve(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.some(isListToken)
      ? context.resolve(value)
      : value.map((element) => resolve(element, context));
  }
  if (Tokenization.isResolvable(value) || Object.keys(value).some((key) => MAY_HOLD_TOKEN.test(key))) {
    return context.resolve(value);
  }
  return mapValues(value as Attributes, (element) => resolve(element, context));
}

/** A token in a string, or the number that stands for one. */
const MAY_HOLD_TOKEN = /\{TfToken\[|e\+\d{3}/;

function isListToken(element: unknown): boolean {
  return (typeof element === "string" && element.startsWith("#{TfToken[")) || Token.isUnresolved(element);
}

function mapValues<T, R>(object: Record<string, T>, map: (value: T) => R): Record<string, R> {
  const mapped: Record<string, R> = {};
  for (const [key, value] of Object.entries(object)) {
    const result = value === undefined ? undefined : map(value);
    if (result !== undefined) mapped[key] = result;
  }
  return mapped;
}
