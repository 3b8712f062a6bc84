import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { FINDING_CODES } from "../../lib/cli/import/findings/finding";
import { ArticleHost, namesOf, type TestCa, testCa } from "../cli/import/support/article";
import { ran } from "../cli/support/ran";
import { dovecot23 } from "../support/machine";
import { describeIf } from "../support/requirements";
import { codeBlocks, textOf } from "./support/code-blocks";

const PAGE = "docs/import.md";

describe(PAGE, () => {
  it("THEN its table has every code, in order", () => {
    const codes = [...textOf(PAGE).matchAll(/^\| `([a-z]+(?:-[a-z]+)*)` \| /gm)].map(([, code]) => code);
    expect(codes).toEqual([...FINDING_CODES]);
  });
});

describeIf(dovecot23, `${PAGE}, of a host`, () => {
  let ca: TestCa;
  let host: ArticleHost;
  beforeAll(async () => {
    ca = await testCa();
  });
  afterEach(() => host.remove());

  it("THEN its screen is what the command prints", async () => {
    host = new ArticleHost(ca, "2.3");
    for (const domain of ["domain1.tld", "domain2.tld"]) await host.add(namesOf(domain));
    host.block("domain2.tld", "domain2.tld");
    host.block("*.domain2.tld", "domain2.tld");
    host.finish("domain1.tld", { hook: true });
    const { err } = await ran(["import", "--root", host.root, "--no-dns"]);
    const [screen] = codeBlocks(PAGE).filter(({ language }) => language === "text");
    expect(err.replace("this machine", "root@mx1.domain1.tld").trim()).toBe(screen?.code.trim());
  });
});
