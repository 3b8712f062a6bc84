import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Checkout } from "../../e2e/quickstart/checkout";
import { pathWithout } from "../../e2e/quickstart/path-without";
import { engineUnderTest } from "../../support/engine-under-test";
import { NODE_VERSIONS, nodeRequirement, pathWithNode } from "../../support/node-installation";
import { npmRegistry } from "../../support/npm-registry";
import { describeIf } from "../../support/requirements";
import { commandsOf, ReadmeProject } from "./project";

/** What npm compiles with. Most machines that deploy have none of it. */
const COMPILERS = ["gcc", "g++", "cc", "c++", "clang", "clang++", "make", "python3", "python"];

describeIf(
  [engineUnderTest, npmRegistry],
  'The README\'s "Try it", in a fresh checkout without a compiler',
  () => {
    for (const version of NODE_VERSIONS) {
      describeIf(nodeRequirement(version), `on Node ${version}`, () => {
        it("deploys, and says with what", async () => {
          const checkout = await Checkout.create({ packages: false });
          const workshop = mkdtempSync(join(tmpdir(), "mail-sni-path-"));
          onTestFinished(() => {
            checkout.remove();
            rmSync(workshop, { recursive: true, force: true });
          });
          const PATH = pathWithNode(version, pathWithout(COMPILERS, workshop));
          const project = new ReadmeProject(checkout.path(), version, { PATH });
          const printed = await project.mustRun(commandsOf("README.md", "npm ci"));
          expect(printed).toContain("Apply complete!");
          expect(printed).toContain("A second run would change nothing");
          const isRunDirectly = /cdktf's command line cannot start with Node v24\..*run directly/.test(
            printed,
          );
          expect(isRunDirectly).toBe(version === 24);
        });
      });
    }
  },
);
