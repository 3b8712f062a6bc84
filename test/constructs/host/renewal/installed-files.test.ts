import { describe, expect, it } from "vitest";
import { type HostContent, HostFile } from "../../../../lib";
import { installedFiles, PEM_ON_HOST } from "../../../../lib/constructs/host/renewal/installed-files";
import { RenewalFiles } from "../../../../lib/constructs/host/renewal/renewal-files";

const paths = new RenewalFiles("/etc/x", "/var/lib/x");
const installation = { alias: "a.tld", kind: "domain", service: "s" } as const;

describe("what the program installs for a service", () => {
  it("GIVEN PEMs, texts and links THEN each is a record, with modes, and texts wait below the directory", () => {
    const content = {
      files: {
        "/pem": HostFile.pem(PEM_ON_HOST, { mode: "640", group: "g" }),
        "/default": HostFile.pem(PEM_ON_HOST, { keep: true, owner: "o" }),
        "/conf": HostFile.text("text\n"),
        "/conf2": HostFile.text("more\n", { keep: true }),
      },
      links: { "/link": "pem" },
    };
    expect(installedFiles(installation, content, paths)).toEqual({
      records: [
        "pem\ta.tld\ts\t0640\t-\tg\tremove\t/pem\n",
        "pem\ta.tld\ts\t0600\to\t-\tkeep\t/default\n",
        "text\ta.tld\ts\t0644\t-\t-\tremove\t/conf\t/etc/x/snippets/s/a.tld\n",
        "text\ta.tld\ts\t0644\t-\t-\tkeep\t/conf2\t/etc/x/snippets/s/2/a.tld\n",
        "link\ta.tld\ts\t/link\tpem\n",
      ],
      snippets: { "/etc/x/snippets/s/a.tld": "text\n", "/etc/x/snippets/s/2/a.tld": "more\n" },
    });
  });

  it("GIVEN the default THEN its text waits at a path of its own", () => {
    const content = { files: { "/conf": HostFile.text("text\n") } };
    const { snippets } = installedFiles({ ...installation, kind: "default" }, content, paths);
    expect(Object.keys(snippets)).toEqual(["/etc/x/snippets/s/default/a.tld"]);
  });

  it.each<HostContent>([
    { directories: { "/d": {} } },
    { placeholders: { "/p": {} } },
    { files: { "/key": HostFile.pem(PEM_ON_HOST.slice(0, 9)) } },
    { files: { "/both": HostFile.text(`# ${PEM_ON_HOST}`) } },
  ])("GIVEN what the program cannot install (%j) THEN refused", (content) => {
    expect(() => installedFiles(installation, content, paths)).toThrow(/"s".*\[DEHYDRATED_CONTENT\]$/);
  });
});
