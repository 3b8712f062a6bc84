import { describe, expect, it } from "vitest";
import { onHost, rootPrefix, withoutRoot } from "../../../lib/shared/transport/connection-settings";

describe("the root of a host", () => {
  it.each(["/", "/srv/a"])("%s THEN it can be taken off a path again", (root) => {
    expect(withoutRoot({ root }, onHost({ root }, "/etc/a.pem"))).toBe("/etc/a.pem");
    expect(`${rootPrefix({ root })}/etc/a.pem`).toBe(onHost({ root }, "/etc/a.pem"));
  });

  it.each(["/srv/ab/x", "/srv/a", "/etc/x"])("GIVEN /srv/a, and %s outside of it THEN that stays", (path) => {
    expect(withoutRoot({ root: "/srv/a" }, path)).toBe(path);
  });
});
