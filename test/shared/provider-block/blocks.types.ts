/** What has to be refused by the compiler: `tsc` reports an expected error that does not occur. */
import type { AttributesOf } from "../../../lib/provider/protocol/schema/attributes-of";
import { attribute } from "../../../lib/provider/protocol/schema/schema";
import type { Written } from "../../../lib/shared/provider-block/blocks";

interface Lamp {
  readonly watts: number;
  readonly place: "desk" | "wall";
  readonly colour?: string;
  readonly switches?: readonly Switch[];
}

interface Switch {
  readonly label: string;
  readonly command?: readonly string[];
}

const required = { description: "", required: true } as const;
const optional = { description: "", optional: true } as const;

const toggle = { label: attribute.string(required), command: attribute.list("string", optional) };
const lamp = {
  watts: attribute.number(required),
  place: attribute.choice(["desk", "wall"], required),
  colour: attribute.string(optional),
  switches: attribute.objects(toggle, optional),
};
const { colour: _colour, ...withoutColour } = lamp;
const { command: _command, ...withoutCommand } = toggle;

export const schemas = [
  toggle satisfies AttributesOf<Switch>,
  lamp satisfies AttributesOf<Lamp>,
  // @ts-expect-error: an attribute is forgotten
  withoutColour satisfies AttributesOf<Lamp>,
  // @ts-expect-error: an attribute of a nested block is forgotten
  { ...lamp, switches: attribute.objects(withoutCommand, optional) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: an attribute that is no member
  { ...lamp, height: attribute.number(optional) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: another type
  { ...lamp, watts: attribute.string(required) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: an unknown choice
  { ...lamp, place: attribute.choice(["desk", "roof"], required) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: any text, where there are choices
  { ...lamp, place: attribute.string(required) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: optional, where the member is required
  { ...lamp, watts: attribute.number(optional) } satisfies AttributesOf<Lamp>,
  // @ts-expect-error: required, where the member is optional
  { ...lamp, colour: attribute.string(required) } satisfies AttributesOf<Lamp>,
];

const written: Written<Lamp> = {
  watts: 8,
  place: "desk",
  colour: undefined,
  switches: [{ label: "on", command: undefined }],
};
const { colour: _white, ...withoutWhite } = written;

export const blocks: readonly Written<Lamp>[] = [
  written,
  { ...written, switches: undefined },
  // @ts-expect-error: a member is not written
  withoutWhite,
  // @ts-expect-error: a member of a nested block is not written
  { ...written, switches: [{ label: "on" }] },
  // @ts-expect-error: a required member is left out
  { ...written, watts: undefined },
  // @ts-expect-error: a member that there is not
  { ...written, height: undefined },
  // @ts-expect-error: an unknown choice
  { ...written, place: "roof" },
];
