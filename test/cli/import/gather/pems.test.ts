import { expect, it } from "vitest";
import { HostLook } from "../../../../lib/cli/import/gather/host-look";
import { MOST_PEM_BYTES, pemsIn } from "../../../../lib/cli/import/gather/pems";

const HOST = new HostLook(undefined as never, "/");

it("GIVEN a certificate to which lines refer again THEN it is in each of the files", () => {
  const files = pemsIn(["A", "F\t/a", "C\t1\tQUFB", "F\t/b", "C\t1", "C\t2"], HOST);
  const certificates = ["-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n"];
  expect(files.get("/a")).toEqual({ certificates, keys: [], broken: 0 });
  expect(files.get("/b")).toEqual(files.get("/a"));
});

it("GIVEN a file with more references than a file can have certificates THEN the others are broken blocks", () => {
  const lines = Array.from({ length: 100_000 }, () => "C\t1");
  const file = pemsIn(["A", "F\t/a", `C\t1\t${"QUFB".repeat(10_000)}`, ...lines], HOST).get("/a");
  expect(file?.certificates.join("").length).toBeLessThanOrEqual(MOST_PEM_BYTES);
  expect(file?.certificates.length).toBeGreaterThan(1);
  expect((file?.certificates.length ?? 0) + (file?.broken ?? 0)).toBe(100_001);
});
