import { describe, expect, it } from "vitest";
import { eitherOf, withoutUndeployed } from "../../../../lib/provider/resources/host-files/failed-update";
import type { HostFiles } from "../../../../lib/provider/resources/host-files/schema";
import { file, hostFiles } from "./support";

const directory = (mode: string) => ({ mode, owner: null, group: null });

const PRIOR = hostFiles({
  files: { "/kept": file({ text: "old" }), "/removed": file({ text: "old" }) },
  links: { "/link": "old" },
  directories: { "/d": directory("0700") },
});
const WANTED = hostFiles({
  files: { "/kept": file({ text: "new" }), "/added": file({ text: "new" }) },
  links: { "/link": "new", "/other": "new" },
  directories: { "/d": directory("0755") },
});

function leftBy(missing: readonly string[], parts: Partial<HostFiles> = {}): HostFiles {
  const observed = {
    ...eitherOf(WANTED, PRIOR),
    ...parts,
    missing: missing.length > 0 ? [...missing] : null,
  };
  return withoutUndeployed(observed, WANTED, PRIOR);
}

describe("the state after a failed update", () => {
  it("GIVEN a missing path that was deployed THEN it stays known, as it was deployed", () => {
    expect(leftBy(["/kept", "/link", "/d"])).toMatchObject({
      files: { "/kept": { text: "old" } },
      links: { "/link": "old" },
      directories: { "/d": { mode: "0700" } },
      missing: ["/kept", "/link", "/d"],
    });
  });

  it("GIVEN a missing path that the update was to add or to remove THEN the state does not have it", () => {
    const state = leftBy(["/added", "/removed", "/other"]);
    expect(Object.keys(state.files ?? {})).toEqual(["/kept"]);
    expect(Object.keys(state.links ?? {})).toEqual(["/link"]);
    expect(state.missing).toBeNull();
  });

  it("GIVEN what is on the host THEN the state has what was observed there", () => {
    const files = { "/kept": file({ text: "seen" }), "/added": file({ text: "seen" }) };
    expect(leftBy([], { files })).toMatchObject({ files, missing: null });
  });

  it("GIVEN a resource without paths of a kind THEN there are none afterwards", () => {
    const none = hostFiles({});
    expect(withoutUndeployed(eitherOf(none, none), none, none)).toEqual(none);
  });
});
