import type { Received } from "../schema/attributes-of";

/** A received block as its interface declares it: without the members that are null, at any depth. */
export function withoutNulls<T>(received: Received<T>): T {
  return withoutNullMembers(received) as T;
}

function withoutNullMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullMembers);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNullMembers(member)]));
}
