import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHECKS } from "../../lib/cli/doctor/checks/catalogue";
import { DoctorProject } from "../cli/doctor/support/doctor-project";
import { codeBlocks, textOf } from "./support/code-blocks";

const PAGE = "docs/doctor.md";

describe(PAGE, () => {
  let project: DoctorProject;
  beforeEach(() => {
    project = new DoctorProject();
  });
  afterEach(() => project.remove());

  it("THEN its table has every check as the command defines it", () => {
    const rows = textOf(PAGE).match(/^\| `[a-z-]+` \| .* \| .* \|$/gm);
    expect(rows).toEqual(CHECKS.map(({ id, looksAt, reports }) => `| \`${id}\` | ${looksAt} | ${reports} |`));
  });

  it("THEN no two checks have the same name", () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  });

  it("THEN its first screen is what the command prints", async () => {
    project.program("terraform", `echo '{"terraform_version": "1.10.5"}'`);
    project.write(".terraformrc", "provider_installation {\n  direct {}\n}\n");
    chmodSync(project.write("state/mail.tfstate", "{}"), 0o644);
    const { out } = await project.doctor([], { TERRAFORM_BINARY_NAME: "terraform" });
    const [screen] = codeBlocks(PAGE).filter(({ language }) => language === "text");
    expect(out.replaceAll(project.directory, "/srv/mail").trim()).toBe(screen?.code.trim());
  });
});
