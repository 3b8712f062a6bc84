import { afterAll, beforeAll, expect, it } from "vitest";
import { startTlsServer, type TlsServer } from "../../provider/host/support/tls-server";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { expectNothingToDo } from "../../support/expectations";
import { temporaryFiles } from "../../support/file-tree";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

const NAMES = ["good.test", "taken.test", "new.test"];
const { certificate: taken } = domainPaths("taken.test");

/** A reload that works, behind which one name is served something else: by a listener of its own, for example. */
describeIf(
  [engineUnderTest, sshd],
  "a server on a host by ssh that presents the wrong certificate of a name",
  () => {
    let workspace: Workspace;
    let far: SshStandIn;
    let imaps: TlsServer;
    let applied: EngineReport;
    const pems: Record<string, { readonly old: string; readonly new: string }> = {};
    let foreign: string | undefined;

    beforeAll(async () => {
      workspace = await Workspace.open("in process");
      far = await SshStandIn.start();
      imaps = await startTlsServer((name) => (name === "taken.test" ? foreign : undefined) ?? loaded(name));
      for (const name of NAMES) pems[name] = { old: await pemFor(name), new: await pemFor(name) };
      declare("old", ["good.test", "taken.test"]);
      await workspace.mustApply();
      foreign = await pemFor("foreign.test", "www.foreign.test");
      declare("new", NAMES);
      applied = await workspace.apply();
    });
    afterAll(async () => {
      await imaps?.stop();
      await far?.stop();
      await workspace?.close();
    });

    const pem = (name: string, version: "old" | "new") => pems[name]?.[version] as string;
    /** As a server that reads its files again for each connection. */
    const loaded = (name = "good.test") => {
      try {
        return far.server.read(domainPaths(name).certificate);
      } catch {
        return undefined;
      }
    };

    function declare(version: "old" | "new", names: readonly string[]): void {
      const mail = { ...far.server.service, endpoints: [{ port: imaps.port, protocol: "tls" }] };
      workspace.declare({
        hosts: { mx1: { ...far.host, services: { mail } } },
        resources: Object.fromEntries(
          names.map((name) => [
            `mailsni_host_files.${name.replace(".test", "")}`,
            domainFiles(name, pem(name, version)),
          ]),
        ),
      });
    }

    it("THEN its old files are back, and the server was told so", () => {
      expect(far.server.read(taken)).toBe(pem("taken.test", "old"));
      expect(far.server.served).toEqual(far.server.wouldServe);
      expect(temporaryFiles(far.server.root)).toEqual([]);
    });

    it("THEN its error names the name, the host, the endpoint, what was presented, and where to look", () => {
      expect(applied.errors).toEqual(applied.errorsOf("mailsni_host_files.taken"));
      expect(applied.errors).toEqual([
        expect.stringMatching(
          /mail does not serve the new certificate for taken\.test.*The provider checked 127\.0\.0\.1:\d+ on host "mx1" for 30 s: the server presents a certificate of foreign\.test, www\.foreign\.test that expires at.*The previous files were restored\. See the log of mail/,
        ),
      ]);
      expect(applied.errors[0]).toContain(`127.0.0.1:${imaps.port}`);
    });

    it("THEN all others of the same apply are new, and served", () => {
      for (const name of ["good.test", "new.test"]) {
        expect(far.server.read(domainPaths(name).certificate)).toBe(pem(name, "new"));
      }
      expect(Object.keys(far.server.served).sort()).toEqual([...NAMES].sort());
    });

    it("WHEN what was in the way is gone THEN the next apply does it, and nothing is left to do", async () => {
      foreign = undefined;
      const { changes } = await workspace.mustApply();
      expect(changes).toEqual({ "mailsni_host_files.taken": "update" });
      expect(far.server.read(taken)).toBe(pem("taken.test", "new"));
      await expectNothingToDo(workspace);
    });
  },
);
