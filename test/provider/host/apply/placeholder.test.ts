import { describe, expect, it } from "vitest";
import { missingFiles, placeholderPem } from "../../../../lib/provider/host/apply/placeholder";
import type { Placeholder } from "../../../../lib/provider/host/desired/change";
import type { Fact } from "../../../../lib/provider/host/record/facts";
import { inspectCombinedPem } from "../../../../lib/shared/combined-pem";
import type { HostName } from "../../../../lib/shared/host-name";

const something: Fact = { kind: "file", mode: "0600", uid: "0", gid: "0", owner: "root", group: "root" };

describe("placeholderPem", () => {
  it("THEN the certificate is usable and covers all names, for at least nine years", async () => {
    const names = ["mx1.test", "mail.test"];
    const pem = await placeholderPem(names);
    const inYears = new Date(Date.now() + 9 * 365 * 86_400_000);
    for (const at of [new Date(), inYears]) {
      expect(inspectCombinedPem(pem, { names: names as HostName[], at })).toMatchObject({ ok: true });
    }
    expect(await placeholderPem(names)).not.toBe(pem);
  });
});

describe("missingFiles", () => {
  const placeholder: Placeholder = {
    path: "/pem",
    names: ["mx1.test"],
    mode: "0640",
    owner: "root",
    group: "vchkpw",
    service: "qmail",
    configuration: { path: "/conf", text: "names /pem\n" },
  };

  it("GIVEN no file exists THEN the PEM and its configuration are created, the configuration with mode 0644", async () => {
    const [pem, configuration] = await missingFiles(placeholder, new Map());
    expect(pem).toMatchObject({
      path: "/pem",
      secret: true,
      mode: "0640",
      group: "vchkpw",
      service: "qmail",
    });
    expect(configuration).toMatchObject({
      path: "/conf",
      contents: "names /pem\n",
      secret: false,
      mode: "0644",
    });
  });

  it("GIVEN one of them exists, of any kind, THEN only the other is created", async () => {
    const made = async (path: string) =>
      (await missingFiles(placeholder, new Map([[path, something]]))).map((file) => file.path);
    expect(await made("/pem")).toEqual(["/conf"]);
    expect(await made("/conf")).toEqual(["/pem"]);
  });
});
