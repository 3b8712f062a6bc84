import { describe, expect, it } from "vitest";
import { HostFile } from "../../../lib";
import { hostFilesContent } from "../../../lib/constructs/host/host-files";

describe("hostFilesContent", () => {
  it("shows texts, and keeps PEMs among the secrets", () => {
    const content = new Map([
      [
        "exim",
        {
          files: {
            "/a.pem": HostFile.pem("KEY"),
            "/a.conf": HostFile.text("conf", { mode: "0640", keep: true }),
          },
        },
      ],
    ]);

    expect(hostFilesContent(content)).toMatchObject({
      files: {
        "/a.pem": { service: "exim" },
        "/a.conf": { service: "exim", text: "conf", mode: "0640", on_destroy: "keep" },
      },
      secrets: { "/a.pem": "KEY" },
    });
  });

  it("has servers read what their texts say, not what Terraform would make of it", () => {
    const text = "sni = ${if exists{/etc/sni/${tls_in_sni}}} %{x}";
    const content = new Map([
      [
        "exim",
        {
          files: { "/a.conf": HostFile.text(text) },
          placeholders: { "/a.pem": { configurationFile: "/b.conf", configurationText: text } },
        },
      ],
    ]);

    const { files, placeholders } = hostFilesContent(content);

    const escaped = "sni = $${if exists{/etc/sni/$${tls_in_sni}}} %%{x}";
    expect(files).toMatchObject({ "/a.conf": { text: escaped } });
    expect(placeholders).toMatchObject({ "/a.pem": { config_text: escaped } });
  });

  it("leaves expressions in PEMs alone", () => {
    const content = new Map([["exim", { files: { "/a.pem": HostFile.pem("${var.pem}") } }]]);

    expect(hostFilesContent(content).secrets).toEqual({ "/a.pem": "${var.pem}" });
  });

  it("says that a placeholder is no domain's certificate", () => {
    const content = new Map([["qmail", { placeholders: { "/a.pem": { mode: "0640" } } }]]);

    expect(hostFilesContent(content).placeholders).toEqual({
      "/a.pem": { service: "qmail", names: ["placeholder.mail-sni.invalid"], mode: "0640" },
    });
  });

  it("refuses one path for two services, of any kind, and names both", () => {
    const content = new Map([
      ["one", { files: { "/a.pem": HostFile.pem("KEY") } }],
      ["other", { links: { "/a.pem": "b.pem" } }],
    ]);

    expect(() => hostFilesContent(content)).toThrow(
      expect.objectContaining({ code: "PATH_TWICE", problem: expect.stringMatching(/one.*other/) }),
    );
  });

  it.each(["a.pem", "/a/../b.pem", "/a b.pem"])("refuses the path %j of a service", (path) => {
    const content = new Map([["exim", { files: { [path]: HostFile.pem("KEY") } }]]);

    expect(() => hostFilesContent(content)).toThrow(expect.objectContaining({ code: "PATH_INVALID" }));
  });
});
