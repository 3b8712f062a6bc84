import { type IResolvable, type IResolveContext, type TerraformResource, Token, Tokenization } from "cdktf";

/**
 * A resource's fragment of a stack, rendered so that cdktf resolves it once at most.
 *
 * cdktf looks through every value for references between stacks, resolves it for the fragment, and again for the stack
 * that it merges the fragments into, with some microseconds for each map key and list element. That is most of the
 * synth time of a stack with thousands of files. The result is the same.
 *
 * @param hasTokens whether cdktf would replace anything in what the resource was made with: {@link holdsToken}
 * @param render what `TerraformResource.toTerraform()` returns
 */
export function resolvedOnce(
  resource: TerraformResource,
  hasTokens: () => boolean,
  // biome-ignore lint/suspicious/noExplicitAny: cdktf's own type of a fragment
  render: () => any,
): IResolvable {
  return resolvable((context) => {
    const isLiteral = !hasTokens() && !isAltered(resource);
    if (context.preparing && isLiteral) return undefined;
    const fragment = isLiteral ? render() : resolve(render(), context);
    // What is undefined in a fragment would be deleted from the stack.
    return mapped(fragment, (block, kind) =>
      kind === "resource" ? mapped(block, (byId) => mapped(byId, throughStack)) : block,
    );
  });
}

/** Whether more may be in a resource than it was made with: whoever has it can reach cdktf's escape hatches. */
function isAltered(resource: TerraformResource): boolean {
  const { lifecycle, provider, dependsOn, count, forEach, connection, provisioners } = resource;
  const { rawOverrides } = resource as unknown as { readonly rawOverrides: object };
  return (
    Object.keys(rawOverrides).length > 0 ||
    holdsToken(dependsOn) ||
    [lifecycle, provider, count, forEach, connection, provisioners].some((value) => value !== undefined)
  );
}

/** Whether cdktf would replace anything in `value`, at any depth. */
export function holdsToken(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Tokenization.isResolvable(value))
    return mayBeToken(value);
  if (Array.isArray(value)) return value.some((element) => isListToken(element) || holdsToken(element));
  return Object.entries(value).some(([key, each]) => mayHoldToken(key) || holdsToken(each));
}

/** What was resolved for the fragment, let through when the stack is. */
function throughStack(resolved: unknown): IResolvable {
  // Written as it is, should a stack ever be written as soon as its fragments are resolved.
  return Object.assign(
    resolvable(() => resolved),
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
    toString: () => "part of a resource",
  };
}

/** Like `context.resolve`, which is asked only where there is something to resolve. */
// biome-ignore lint/suspicious/noExplicitAny: anything that a stack may hold
function resolve(value: unknown, context: IResolveContext): any {
  if (mayBeToken(value)) return context.resolve(value);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value)
    ? value.map((element) => resolve(element, context))
    : mapped(value, (element) => resolve(element, context));
}

/** Whether cdktf would replace the value itself, its keys, or, of a list that stands for another, its element. */
function mayBeToken(value: unknown): boolean {
  if (typeof value === "string") return mayHoldToken(value);
  // Most attributes of most resources.
  if (value === undefined) return false;
  if (typeof value !== "object" || value === null) return Token.isUnresolved(value);
  if (Tokenization.isResolvable(value)) return true;
  return Array.isArray(value) ? value.some(isListToken) : Object.keys(value).some(mayBeToken);
}

/** A token in a string, or the number that stands for one. */
function mayHoldToken(text: string): boolean {
  return text.includes("{TfToken[") || (text.includes("e+") && /e\+\d{3}/.test(text));
}

function isListToken(element: unknown): boolean {
  return typeof element === "string" ? element.startsWith("#{TfToken[") : Token.isUnresolved(element);
}

/** Without what is undefined. */
// biome-ignore lint/suspicious/noExplicitAny: anything that a stack may hold
function mapped(object: object, map: (value: any, key: string) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) result[key] = map(value, key);
  }
  return result;
}
