import type { AttributePathMessage, AttributePathStep } from "../wire/messages";
import type { Attributes, AttributeType } from "./schema";

/**
 * The place in a configuration that a message is about: attribute names, map keys and list positions from the
 * top.
 */
export type AttributePath = readonly (string | number)[];

/**
 * A path in the engine's form, which distinguishes attribute names, map keys and list positions. If the
 * schema does not have `path`, the result ends at the last step that exists.
 */
export function attributePathMessage(attributes: Attributes, path: AttributePath): AttributePathMessage {
  return { steps: walk(attributes, path).steps };
}

/** Whether the schema has an attribute, or an element of one, at `path`. */
export function pathFitsSchema(attributes: Attributes, path: AttributePath): boolean {
  return path.length > 0 && walk(attributes, path).steps.length === path.length;
}

/** What is at a step of a path: the attributes of an object, or the type of an attribute or an element. */
type Position =
  | { readonly attributes: Attributes }
  | { readonly type: AttributeType; readonly element: boolean };

function walk(attributes: Attributes, path: AttributePath): { readonly steps: AttributePathStep[] } {
  const steps: AttributePathStep[] = [];
  let position: Position = { attributes };
  for (const key of path) {
    const next = stepInto(position, key);
    if (next === null) break;
    steps.push(next.step);
    position = next.position;
  }
  return { steps };
}

function stepInto(
  position: Position,
  key: string | number,
): { readonly step: AttributePathStep; readonly position: Position } | null {
  const attributes = attributesAt(position);
  if (attributes !== null) {
    const attribute = typeof key === "string" && Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    return attribute === undefined
      ? null
      : { step: { attribute_name: String(key) }, position: { type: attribute.type, element: false } };
  }
  const { type } = position as Extract<Position, { type: AttributeType }>;
  const collection = type.kind === "nested" ? type.nesting : type.kind;
  const inner: Position =
    type.kind === "nested"
      ? { type, element: true }
      : "element" in type
        ? { type: type.element, element: false }
        : { attributes: {} };
  if (collection === "map" && typeof key === "string") {
    return { step: { element_key_string: key }, position: inner };
  }
  if (collection === "list" && typeof key === "number") {
    return { step: { element_key_int: key }, position: inner };
  }
  return null;
}

/** The attributes at `position`; null if it is a collection or a primitive. */
function attributesAt(position: Position): Attributes | null {
  if ("attributes" in position) return position.attributes;
  const { type, element } = position;
  return type.kind === "nested" && (element || type.nesting === "single") ? type.attributes : null;
}

/** The path as messages print it, such as `files["/etc/a"].mode`. */
export function formatPath(path: AttributePath): string {
  return path
    .map((step, index) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)
          ? `${index === 0 ? "" : "."}${step}`
          : `[${JSON.stringify(step)}]`,
    )
    .join("");
}
