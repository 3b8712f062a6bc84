import { expect, it } from "vitest";
import { postfixSettings } from "../../../../lib/cli/import/layouts/postfix";
import { file } from "../support/configuration-file";

const maps = (...lines: string[]) => postfixSettings([file("postfix", "/etc/postfix/main.cf", lines)])?.maps;

it("GIVEN the directory of the configuration in a value, and lines that go on THEN the maps are found", () => {
  const value = "tls_server_sni_maps = hash:$config_directory/sni,";
  expect(maps("config_directory = /etc/$&", value, "  lmdb:${config_directory}/b ")).toEqual([
    "/etc/$&/sni",
    "/etc/$&/b",
  ]);
});

it("GIVEN a directory of any length in many places THEN it stands in none of them", () => {
  const value = `tls_server_sni_maps = ${"hash:$config_directory/sni,".repeat(100_000)}`;
  expect(new Set(maps(`config_directory = ${"/a".repeat(1_000_000)}`, value))).toEqual(new Set(["/sni"]));
});
