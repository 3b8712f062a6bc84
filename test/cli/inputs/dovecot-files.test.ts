import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesIn } from "../../../lib/cli/inputs/configuration-files";
import script from "../../../lib/cli/inputs/dovecot-files.sh";
import { HostTree } from "../import/support/host-tree";

describe("the lines of Dovecot's configuration files", () => {
  let host: HostTree;
  beforeEach(() => {
    host = new HostTree();
  });
  afterEach(() => host.remove());

  /** What the script prints of them: `path:line text`. */
  function lines(): string[] {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", `root=$1\n${script}\ndovecot_files "$1/etc/dovecot"`, "sh", host.root],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    const files = filesIn(stdout.split("\n"), (path) => path.slice(host.root.length));
    return files.flatMap((file) => file.lines.map(({ number, text }) => `${file.path}:${number} ${text}`));
  }

  it("THEN includes are followed, and blocks are whole", () => {
    host.write("/etc/dovecot/dovecot.conf", "dovecot_config_version = 2.4.1\n!include conf.d/*.conf\n");
    host.write(
      "/etc/dovecot/conf.d/10-ssl.conf",
      'ssl_server {\n  cert_file = "/etc/a.pem"\n  dh_file = /etc/dh.pem\n}\n!include_try /srv/more.conf\n',
    );
    host.write("/srv/more.conf", "local_name a.tld {\n  ssl_server_key_file = /etc/b.key # the key\n}\n");
    expect(lines()).toEqual([
      "/etc/dovecot/dovecot.conf:1 dovecot_config_version = 2.4.1",
      "/etc/dovecot/conf.d/10-ssl.conf:1 ssl_server {",
      '/etc/dovecot/conf.d/10-ssl.conf:2 cert_file = "/etc/a.pem"',
      "/etc/dovecot/conf.d/10-ssl.conf:3 dh_file = /etc/dh.pem",
      "/etc/dovecot/conf.d/10-ssl.conf:4 }",
      "/srv/more.conf:1 local_name a.tld {",
      "/srv/more.conf:2 ssl_server_key_file = /etc/b.key # the key",
      "/srv/more.conf:3 }",
    ]);
  });

  it("THEN no password and no key is printed, whatever it looks like", () => {
    const secret = [
      "ssl_key_password = /planted",
      "ssl_key_password = </planted",
      "ssl_server_key_password = planted{",
      "ssl_key = MIIplanted/planted",
      'ssl_cert = "planted/planted"',
      "ssl_key = planted { /planted }",
      "auth_password = planted {",
    ];
    host.write("/etc/dovecot/dovecot.conf", `${secret.join("\n")}\nssl_key = < /etc/a.key\n`);
    expect(lines()).toEqual(["/etc/dovecot/dovecot.conf:8 ssl_key = < /etc/a.key"]);
  });

  it("GIVEN a file that includes itself THEN that ends", () => {
    host.write("/etc/dovecot/dovecot.conf", "!include dovecot.conf\nssl_cert = </etc/a.pem\n");
    expect(new Set(lines())).toEqual(new Set(["/etc/dovecot/dovecot.conf:2 ssl_cert = </etc/a.pem"]));
  });
});
