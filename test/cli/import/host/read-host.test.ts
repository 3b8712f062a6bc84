import { expect, it } from "vitest";
import { HostLook, type Look, type Looked } from "../../../../lib/cli/import/gather/host-look";
import { readHost } from "../../../../lib/cli/import/host/read-host";

/** A host on which certbot names a certificate by a path of any length. */
class CertbotHost extends HostLook {
  readonly asked: string[] = [];

  constructor(private readonly certificate: string) {
    super(undefined as never, "/");
  }

  override async at(looks: readonly Look[]): Promise<Looked[]> {
    this.asked.push(...looks.flat());
    const lines = [
      "F\tcertbot\t/etc/letsencrypt/renewal/a.test.conf",
      `L\t1\tfullchain = ${this.certificate}`,
      "L\t2\tprivkey = /etc/letsencrypt/live/a.test/privkey.pem",
    ];
    return looks.map(([mode]) => (mode === "configurations" ? lines : []));
  }
}

it.each([
  ["a path", "/etc/letsencrypt/live/a.test/fullchain.pem", true],
  ["a path that is longer than any file's", `/etc${"/a".repeat(10_000)}/fullchain.pem`, false],
])("GIVEN %s in a configuration THEN it is listed if there can be such a file", async (_, path, isListed) => {
  const host = new CertbotHost(path);
  await readHost(host);
  expect(host.asked).toContain("/etc/letsencrypt/live/a.test");
  expect(host.asked.includes(path)).toBe(isListed);
  expect(host.asked.filter((one) => one.startsWith("/etc/a/a/"))).toEqual([]);
});
