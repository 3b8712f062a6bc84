import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { KeptDownloads } from "../../../../lib/cli/verify/revocation/kept-downloads";
import { Revocation } from "../../../../lib/cli/verify/revocation/revocation";
import { UnusableList } from "../../../../lib/cli/verify/revocation/revocation-list";
import { issue } from "../../../support/certificates";
import { publishedAt, revocationList } from "../support/revocation-lists";

const MINUTE_MS = 60_000;

it("GIVEN runs within an hour THEN a list is fetched once, and after that again", async () => {
  const asked: string[] = [];
  let time = 0;
  const { download } = new KeptDownloads(
    async (url) => {
      asked.push(url);
      return Buffer.from(`${url} ${asked.length}`);
    },
    () => new Date(time),
  );
  expect(String(await download("a"))).toBe("a 1");
  time = 59 * MINUTE_MS;
  expect(String(await download("a"))).toBe("a 1");
  expect(String(await download("b"))).toBe("b 2");
  time = 60 * MINUTE_MS;
  expect(String(await download("a"))).toBe("a 3");
  expect(asked).toEqual(["a", "b", "a"]);
});

it("GIVEN a list that could not be fetched THEN the next run tries again", async () => {
  let fails = true;
  const { download } = new KeptDownloads(
    async () => {
      if (fails) throw new UnusableList("cannot be fetched");
      return Buffer.of(1);
    },
    () => new Date(0),
  );
  await expect(download("a")).rejects.toThrow(UnusableList);
  fails = false;
  expect(await download("a")).toEqual(Buffer.of(1));
});

it("GIVEN what is no list THEN the next run fetches it again", async () => {
  let content: Buffer = Buffer.from("<html>");
  const lists = new KeptDownloads(
    async () => content,
    () => new Date(),
  );
  const root = await issue({ subject: "CN=Root", ca: true });
  const leaf = await issue({ issuer: root, extensions: [publishedAt("http://crl.test/1.crl")] });
  const trust = new TrustStore([new X509Certificate(root.pem)]);
  const run = () =>
    new Revocation({ ...lists, trust, at: new Date() }).findings([new X509Certificate(leaf.pem)]);
  expect(await run()).toMatchObject([{ code: "VERIFY_REVOCATION_UNKNOWN" }]);
  content = await revocationList({ issuer: root });
  expect(await run()).toEqual([]);
});
