import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namedFiles } from "../../../../../lib/cli/doctor/checks/host/named-files";
import type { ConfigurationFile } from "../../../../../lib/cli/inputs/configuration-files";

const FILE = "/etc/dovecot/dovecot.conf";

/** A file with these lines, from line 1. */
function file(text: string, path = FILE): ConfigurationFile {
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, text: line.trim() }));
  return { kind: "dovecot", path, lines };
}

/** `path: setting line block` of each. */
function found(...files: readonly ConfigurationFile[]): string[] {
  return [...namedFiles(files)].flatMap(([path, settings]) =>
    settings.map(({ setting, line, block }) => `${path}: ${setting} ${line} ${block}`),
  );
}

describe("namedFiles", () => {
  it("GIVEN Dovecot 2.3 THEN each file after a < is named, overridden or not, with its blocks", () => {
    const text = `ssl_cert = </etc/ssl/old.pem
      ssl_cert = <  /etc/ssl/new.pem   # of the CA
      ssl_dh=</etc/ssl/dh#1.pem
      local_name  a.tld  {
        ssl_cert = </etc/ssl/a.pem
      }
      protocol imap {
        local_name b.tld {
          ssl_key = </etc/ssl/b.key
        }
      }
      ssl_key = </etc/ssl/new.pem`;
    expect(found(file(text)).sort()).toEqual([
      "/etc/ssl/a.pem: ssl_cert 5 local_name a.tld",
      "/etc/ssl/b.key: ssl_key 9 protocol imap, local_name b.tld",
      "/etc/ssl/dh#1.pem: ssl_dh 3 null",
      "/etc/ssl/new.pem: ssl_cert 2 null",
      "/etc/ssl/new.pem: ssl_key 12 null",
      "/etc/ssl/old.pem: ssl_cert 1 null",
    ]);
  });

  it("GIVEN long runs of blanks THEN a line is read at once", () => {
    const run = "\t ".repeat(100_000);
    const text = `local_name${run}a.tld${run}{\nssl_cert = </a.pem${run}# b${run}c\nssl_key = </b${run}c`;
    expect(found(file(text))).toEqual([
      "/a.pem: ssl_cert 2 local_name a.tld",
      `/b${run}c: ssl_key 3 local_name a.tld`,
    ]);
  });

  it("GIVEN blocks that nest without end THEN a file has the first of them", () => {
    const places = [...namedFiles([file("a {\nssl_cert = </a.pem\n".repeat(20_000))]).values()].flat();
    expect(places.map(({ block }) => block).slice(0, 7)).toEqual(
      [1, 2, 3, 4, 5, 5, 5].map((depth) => Array(depth).fill("a").join(", ")),
    );
    expect(places).toHaveLength(20_000);
  });

  it("GIVEN Dovecot 2.3 THEN a path without < is no file that it opens", () => {
    expect(found(file("ssl_cert = /etc/ssl/a.pem\nssl_client_ca_file = /etc/ssl/ca.pem"))).toEqual([]);
  });

  it("GIVEN Dovecot 2.4, which one file of several says THEN each setting that ends with _file names one", () => {
    const more = file(
      'ssl_server_cert_file = "/etc/ssl/a b.pem"\nssl_server {\ncert_file = /etc/ssl/c.pem # new\n}\nssl_min_protocol = /x',
      "/etc/dovecot/conf.d/10-ssl.conf",
    );
    expect(found(file("dovecot_config_version = 2.4.1"), more)).toEqual([
      "/etc/ssl/a b.pem: ssl_server_cert_file 1 null",
      "/etc/ssl/c.pem: cert_file 3 ssl_server",
    ]);
  });

  it("GIVEN any lines THEN only absolute paths are named", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.boolean(), (lines, is24) => {
        const text = [is24 ? "dovecot_config_version = 2.4" : "", ...lines].join("\n");
        for (const path of namedFiles([file(text)]).keys()) expect(path.startsWith("/")).toBe(true);
      }),
    );
  });
});
