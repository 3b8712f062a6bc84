import fc from "fast-check";
import { expect, it } from "vitest";
import { parsePem } from "../../lib/shared/pem";
import { pemBlock } from "../../lib/shared/pem-block";

it("GIVEN any bytes THEN a block with them is found again, in lines of at most 64 characters", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const base64 = Buffer.from(bytes).toString("base64");
      const text = pemBlock("CERTIFICATE", base64);
      const { blocks, problems } = parsePem(text);
      expect(problems).toEqual([]);
      expect(blocks).toEqual([{ label: "CERTIFICATE", text }]);
      const [, ...lines] = text.trimEnd().split("\n").slice(0, -1);
      expect(lines.join("")).toBe(base64);
      expect(lines.slice(0, -1).every(({ length }) => length === 64)).toBe(true);
      expect(lines.at(-1)?.length).toBeLessThanOrEqual(64);
    }),
  );
});
