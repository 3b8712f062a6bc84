import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError } from "../../../lib/shared/json/json-error";
import { Member } from "../../../lib/shared/json/member";

const DOCUMENT = new Member({
  hosts: [
    { id: "mx1", port: 993, isTls: true, note: null },
    { id: "", port: 1.5, isTls: "yes" },
  ],
});

describe("a member of a JSON document", () => {
  it("GIVEN values of the kinds that are asked for THEN they come back as they are", () => {
    const read = (host: Member) => [
      host.member("id").text(3),
      host.member("port").integer(1, 65_535),
      host.member("isTls").boolean(),
      host.member("id").oneOf(["mx1", "mx2"]),
      host.member("note").optional((note) => note.text(10)),
      host.member("gone").optional((gone) => gone.text(10)),
    ];
    const [host] = DOCUMENT.member("hosts").list(2, (element) => element);
    expect(read(host as Member)).toEqual(["mx1", 993, true, "mx1", null, null]);
  });

  it.each<[string, (host: Member) => unknown, string]>([
    ["a text that is empty", (host) => host.member("id").text(10), 'hosts[1].id is "", which is empty.'],
    [
      "a fraction",
      (host) => host.member("port").integer(1, 10),
      'hosts[1].port is "1.5", which is not a whole number from 1 to 10.',
    ],
    [
      "a text",
      (host) => host.member("isTls").boolean(),
      'hosts[1].isTls is "yes", which is not true or false.',
    ],
    ["nothing", (host) => host.member("toString").text(10), "hosts[1].toString is missing."],
    ["an object", (host) => host.text(10), "hosts[1] is not a text."],
    [
      "a text with members",
      (host) => host.member("isTls").member("x"),
      'hosts[1].isTls is "yes", which is not an object.',
    ],
  ])("GIVEN %s where something else is asked for THEN the error says where and what", (_, read, message) => {
    const second = DOCUMENT.member("hosts").list(2, (element) => element)[1] as Member;
    expect(() => read(second)).toThrow(new JsonError(...split(message)));
  });

  it("GIVEN more than is allowed THEN it is refused before any of it is parsed", () => {
    const parse = () => expect.unreachable();
    const many = new Member({ list: [1, 2], object: { a: 1, b: 2 }, text: "ab" });
    expect(() => many.member("list").list(1, parse)).toThrow("list has 2 elements, and 1 are allowed.");
    expect(() => many.member("object").entries(1, parse)).toThrow("object has 2 members, and 1 are allowed.");
    expect(() => many.member("text").text(1)).toThrow("has 2 characters, and 1 are allowed.");
  });

  it("GIVEN names and values of any length THEN the error of one is short", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 2_000 }),
        fc.string({ maxLength: 2_000 }),
        (name, value) => {
          const [[, element]] = new Member({ [name]: value }).entries(1, (one) => one) as [[string, Member]];
          expect(element.error("is wrong").message.length).toBeLessThan(500);
        },
      ),
    );
  });
});

/** Where, and the problem. */
function split(message: string): [at: string, problem: string] {
  const at = message.slice(0, message.indexOf(" "));
  return [at, message.slice(at.length + 1, -1)];
}
