import { describe, expect, it } from "vitest";
import { textOf } from "./support/code-blocks";

const PAGE = "docs/dependencies.md";

describe(PAGE, () => {
  it("THEN it has a reason for every package that package.json names", () => {
    const { peerDependencies, devDependencies } = JSON.parse(textOf("package.json"));
    const names = Object.keys({ ...peerDependencies, ...devDependencies });
    const rows = textOf(PAGE)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !rows.some((row) => row.split("|")[1]?.includes(`\`${name}\``)))).toEqual(
      [],
    );
  });

  it("THEN the package installs nothing but its peers", () => {
    const manifest = JSON.parse(textOf("package.json"));
    for (const field of ["dependencies", "optionalDependencies", "bundleDependencies"]) {
      expect(manifest).not.toHaveProperty(field);
    }
  });
});
