import { describe, expect, it } from "vitest";
import { hostSettings } from "../../lib/provider/provider-settings";

describe("the settings of a host", () => {
  it("GIVEN an empty block THEN it is this machine, without services", () => {
    expect(hostSettings("mx1", {})).toEqual({
      name: "mx1",
      ssh: null,
      root: "/",
      stateDirectory: "/var/lib/mail-sni",
      applyOwnership: true,
      gone: false,
      canary: false,
      onUnreachable: "fail",
      services: new Map(),
    });
  });

  it("GIVEN relative files THEN they are relative to the folder in which the engine starts the provider", () => {
    const { ssh } = hostSettings("mx1", { address: "mx1", identity_file: "keys/id" });
    expect(ssh?.identityFile).toBe(`${process.cwd()}/keys/id`);
  });

  it("GIVEN a canary THEN the settings say so", () => {
    expect(hostSettings("mx1", { canary: true }).canary).toBe(true);
  });

  it("GIVEN a service THEN its settings are its block, with a name and whole endpoints, those without SNI apart", () => {
    const block = {
      check: ["served", "-c", "{candidate}"],
      name_blocks: { list: ["served", "-n"], pattern: "^names (.+)" },
      endpoints: [
        { port: 993, protocol: "tls" },
        { port: 25, protocol: "smtp", address: "::1", sni: true },
        { port: 465, protocol: "tls", sni: false },
      ],
    } as const;
    const { services } = hostSettings("mx1", { services: { served: block } });
    expect(services).toEqual(
      new Map([
        [
          "served",
          {
            ...block,
            name: "served",
            endpoints: [
              { port: 993, protocol: "tls", address: "127.0.0.1" },
              { port: 25, protocol: "smtp", address: "::1" },
            ],
            endpointsWithoutSni: [{ port: 465, protocol: "tls", address: "127.0.0.1" }],
          },
        ],
      ]),
    );
  });

  it.each([
    [undefined, undefined, "fail"],
    [undefined, "warn", "warn"],
    ["warn", undefined, "warn"],
    ["fail", "warn", "fail"],
    ["", "warn", "warn"],
  ] as const)(
    "GIVEN %j in the environment and %j in the configuration THEN an absence means: %s",
    (value, given, expected) => {
      const environment = { MAIL_SNI_ON_UNREACHABLE: value };
      const { onUnreachable } = hostSettings("mx1", { on_unreachable: given }, environment);
      expect(onUnreachable).toBe(expected);
    },
  );
});
