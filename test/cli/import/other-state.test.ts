import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedResources, takenOver } from "../../../lib/cli/import/stack/other-state";
import { typeErrors } from "../../docs/support/type-check";
import { ran } from "../support/ran";
import { ArticleHost, type TestCa, testCa } from "./support/article";
import { about, imported, programOf } from "./support/imported";

const ACME = 'provider["registry.terraform.io/vancluever/acme"]';
let directory: string;
let ca: TestCa;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "state-"));
  ca = await testCa();
});
afterAll(() => rmSync(directory, { recursive: true }));

function stateFile(resources: readonly object[], more: object = {}): string {
  const path = join(directory, `${Math.random()}.tfstate`);
  writeFileSync(path, JSON.stringify({ version: 4, resources, ...more }));
  return path;
}

const resource = (
  type: string,
  name: string,
  instances: readonly object[] = [{ attributes: {} }],
  provider = ACME,
) => ({
  mode: "managed",
  type,
  name,
  provider,
  instances,
});
const certificate = (name: string, ...others: string[]) => ({
  attributes: { common_name: name, subject_alternative_names: others },
});

describe("GIVEN the state of a stack with vancluever/acme WHEN its host is imported", () => {
  it("THEN the printed stack moves what it declares, forgets keys and files, and a finding has the rest", async () => {
    const host = new ArticleHost(ca);
    try {
      await host.add(["domain1.tld", "imap.domain1.tld"]);
      await host.add(["domain2.tld"]);
      host.write("/etc/dehydrated/config", "");
      host.write("/etc/dehydrated/domains.txt", `${host.rows.join("\n")}\n`);
      const file = stateFile([
        resource("acme_registration", "reg"),
        resource("acme_certificate", "all", [
          { index_key: "a", ...certificate("domain1.tld", "imap.domain1.tld") },
          { index_key: "b", ...certificate("domain2.tld") },
        ]),
        resource("acme_certificate", "old", [certificate("gone.tld")]),
        resource(
          "tls_private_key",
          "key",
          [{ attributes: {} }],
          'provider["registry.terraform.io/hashicorp/tls"]',
        ),
        {
          ...resource("local_sensitive_file", "pem", [{ attributes: {} }], 'provider["x/hashicorp/local"]'),
          module: "module.mail",
        },
        resource("aws_instance", "web", [{ attributes: {} }], 'provider["x/hashicorp/aws"]'),
        { ...resource("tls_certificate", "data"), mode: "data" },
      ]);
      const result = await imported(["--root", host.root, "--no-dns", "--state", file]);
      const { stack } = result;
      expect(typeErrors([programOf(stack)])).toEqual([]);
      expect(stack).toContain('{ from: "acme_registration.reg", to: "mailsni_acme_account.acme_ca" }');
      expect(stack).toContain(
        '{ from: "acme_certificate.all[\\"a\\"]", to: "mailsni_acme_certificate.c_domain1_tld" }',
      );
      expect(stack).toContain(
        '{ from: "acme_certificate.all[\\"b\\"]", to: "mailsni_acme_certificate.c_domain2_tld" }',
      );
      for (const address of [
        "acme_certificate.old",
        "tls_private_key.key",
        "module.mail.local_sensitive_file.pem",
      ])
        expect(stack).toContain(`{ from: "${address}", lifecycle: [{ destroy: false }] }`);
      expect(stack).toContain(JSON.stringify(file));
      expect(about(result, "state-others", "aws_instance.web")).toMatchObject([{ state: "decision" }]);
    } finally {
      host.remove();
    }
  });
});

describe("GIVEN a file that is not a state", () => {
  it.each([
    ["no JSON", "x", "is not JSON"],
    ["another version", '{"version": 3, "resources": []}', "version"],
    [
      "an invalid name",
      JSON.stringify({ version: 4, resources: [resource("acme_certificate", 'a"; evil()')] }),
      "is not a name",
    ],
  ])("THEN %s is refused", async (_, text, words) => {
    const path = join(directory, "broken.tfstate");
    writeFileSync(path, text);
    const { exitCode, err } = await ran(["import", "--root", directory, "--no-dns", "--state", path]);
    expect(exitCode).toBe(2);
    expect(err).toContain("CLI_STATE_INVALID");
    expect(err).toContain(words);
  });

  it("THEN no text in it ends a literal, and nothing is shown of attributes", () => {
    const declared = [{ domain: "a.tld", names: ["a.tld"] }] as never;
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), fc.jsonValue(), (key, attributes) => {
        const file = stateFile([
          resource("acme_certificate", "a", [
            { index_key: key, attributes: { ...certificate("a.tld").attributes, more: attributes } },
          ]),
        ]);
        const { lines } = takenOver(storedResources(file), declared);
        for (const line of lines.filter((each) => each.includes("from:"))) {
          const [, from = ""] = /from: ("(?:[^"\\]|\\.)*")/.exec(line) ?? [];
          expect(JSON.parse(from)).toMatch(/^acme_certificate\.a(\["[\w.@:/ -]+"\])?$/);
        }
      }),
      { numRuns: 50 },
    );
  });
});
