import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { domainFiles, domainPaths, StandInServer } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

/** Where keys may be: what makes a certificate has to keep it. */
const KEEPERS = [
  "mailsni_private_ca.ca.private_key_pem",
  "mailsni_private_certificate.issued.private_key_pem",
];

describeIf(engineUnderTest, "private keys", () => {
  let workspace: Workspace;
  let server: StandInServer;
  /** What of each key could give it away. */
  const secrets: string[] = [];
  /** All that was printed or logged. */
  let printed = "";
  let planned: unknown;
  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    server = new StandInServer(workspace.directory);
    const given = await pemFor("given.test");
    const pem = ["private_key_pem", "certificate_pem", "chain_pem"]
      .map((name) => `\${mailsni_private_certificate.issued.${name}}`)
      .join("");
    workspace.declare({
      hosts: { mx1: server.host },
      ephemeralVariables: ["given"],
      resources: {
        "mailsni_private_ca.ca": {},
        "mailsni_private_certificate.issued": {
          ca_certificate_pem: `\${mailsni_private_ca.ca.certificate_pem}`,
          ca_private_key_pem: `\${mailsni_private_ca.ca.private_key_pem}`,
          names: ["issued.test"],
        },
        "mailsni_host_files.issued": domainFiles("issued.test", pem),
        "mailsni_host_files.given": domainFiles("given.test", `\${var.given}`),
        // Fails while it has the key in its hands.
        "mailsni_host_files.refused": {
          ...domainFiles("refused.test", pem),
          names: ["refused.test"],
        },
      },
    });
    const options = { env: { TF_LOG: "trace", TF_VAR_given: given } };
    const run = async (...args: string[]) => {
      const { stdout, stderr } = await workspace.run(args, options);
      printed += stdout + stderr;
    };

    await run("apply", "-auto-approve");
    secrets.push(...distinctive(given), ...distinctive(server.read(domainPaths("issued.test").certificate)));
    // As `doveconf -x` does, which prints the contents of the files it looks at.
    server.on("check", `cat "$root${domainPaths("given.test").certificate}"; exit 1`);
    await run("plan", "-replace=mailsni_private_certificate.issued", "-out=plan");
    const shown = await workspace.run(["show", "-json", "plan"], { env: { TF_VAR_given: given } });
    planned = JSON.parse(shown.stdout);
    await run("apply", "-auto-approve", "-replace=mailsni_private_certificate.issued");
    server.behave();
    for (const { private_key_pem } of Object.values(workspace.state)) {
      if (private_key_pem) secrets.push(...distinctive(`${private_key_pem}`));
    }
    await run("show");
    await run("destroy", "-auto-approve", "-target=mailsni_host_files.issued");
  }, 60_000);
  afterAll(() => workspace.close());

  it("GIVEN whatever happens to them THEN they are on the host", () => {
    expect(secrets.length).toBeGreaterThan(5);
    const installed = server.read(domainPaths("given.test").certificate);
    expect(secrets.some((secret) => installed.includes(secret))).toBe(true);
  });

  it("THEN nothing of them was printed, in logs neither", () => {
    expect(printed.length).toBeGreaterThan(100_000);
    expect(printed).toContain("does not cover refused.test");
    expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  });

  it("THEN the state has each in its certificate alone", () => {
    const holders = Object.entries(workspace.state).flatMap(([address, attributes]) =>
      pathsOf(attributes, secrets).map((path) => `${address}.${path}`),
    );
    expect(holders.sort()).toEqual(KEEPERS);
  });

  it("THEN a saved plan has them in what it copies from the state, and in no files of a host", () => {
    const holders = pathsOf(planned, secrets);
    expect(holders.length).toBeGreaterThan(0);
    expect(holders.filter((path) => !path.endsWith(".private_key_pem"))).toEqual([]);
  });

  it.each([
    ["a refusal", { "/a.pem": {} }, "does not cover literal.test"],
    ["a mistake", {}, "PEM for an undeclared file"],
  ])(
    "GIVEN one that is written in the configuration THEN the lines that are shown for %s do not hold it",
    async (_, files, message) => {
      const pem = await pemFor("other.test");
      const literal = { host: "mx1", names: ["literal.test"], files, secrets: { "/a.pem": pem } };
      workspace.declare({
        hosts: { mx1: server.host },
        resources: { "mailsni_host_files.literal": literal },
      });

      const { errors, output } = await workspace.apply();

      expect(errors.join()).toContain(message);
      expect(distinctive(pem).filter((secret) => output.includes(secret))).toEqual([]);
    },
  );
});

/** Parts of a PKCS #8 key on P-256 that occur nowhere else: before them is its kind, behind them the public key. */
function distinctive(pem: string): string[] {
  const [, first, second] = /-----BEGIN PRIVATE KEY-----\n(.+)\n(.+)\n/.exec(pem) as unknown as [
    string,
    string,
    string,
  ];
  return [first.slice(48), second.slice(0, 16)];
}

/** Where in a document one of the texts is. */
function pathsOf(value: unknown, texts: readonly string[], path = ""): string[] {
  if (typeof value === "string") return texts.some((text) => value.includes(text)) ? [path] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    pathsOf(entry, texts, path ? `${path}.${key}` : key),
  );
}
