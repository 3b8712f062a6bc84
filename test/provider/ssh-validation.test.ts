import { describe, expect, it } from "vitest";
import { Diagnostics } from "../../lib/provider/protocol/diagnostics";
import { UNKNOWN } from "../../lib/provider/protocol/values/unknown";
import { hostSettings } from "../../lib/provider/provider-config";
import { validateEnvironment, validateSsh } from "../../lib/provider/ssh-validation";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP";

type Config = Parameters<typeof hostSettings>[1];
const config = (parts: Partial<Config>): Config => ({
  address: null,
  ssh_config_file: null,
  identity_file: null,
  known_hosts_file: null,
  host_keys: null,
  proxy_jump: null,
  become: null,
  gone: null,
  on_unreachable: null,
  root: null,
  ownership: null,
  state_directory: null,
  services: null,
  ...parts,
});

function problems(parts: object) {
  const diagnostics = new Diagnostics();
  validateSsh({ ...config({}), ...parts } as never, ["hosts", "mx1"], diagnostics);
  return diagnostics.all;
}

describe("how a host is reached", () => {
  it.each([
    ["nothing", {}],
    ["an address alone", { address: "mx1" }],
    [
      "all of it",
      { address: "jo@[::1]:22", host_keys: [KEY], proxy_jump: "a,b", identity_file: "~/k", root: "/srv" },
    ],
    [
      "what is not known yet",
      { address: UNKNOWN, host_keys: UNKNOWN, identity_file: UNKNOWN, root: UNKNOWN },
    ],
    ["a key that is not known yet", { address: "mx1", host_keys: [UNKNOWN, KEY] }],
  ])("GIVEN %s THEN it is accepted", (_, parts) => {
    expect(problems(parts)).toEqual([]);
  });

  it.each<[string, object, string, (string | number)[]]>([
    ["an option for an address", { address: "-oProxyCommand=id" }, "Invalid connection setting", ["address"]],
    [
      "a fingerprint",
      { address: "mx1", host_keys: [KEY, "SHA256:x"] },
      "Invalid connection setting",
      ["host_keys", 1],
    ],
    [
      "a URL on the way",
      { address: "mx1", proxy_jump: "ssh://b" },
      "Invalid connection setting",
      ["proxy_jump"],
    ],
    [
      "a file with a quote",
      { address: "mx1", identity_file: 'a"b' },
      "Invalid connection setting",
      ["identity_file"],
    ],
    ["a relative root", { address: "mx1", root: "srv" }, "Not a valid directory path", ["root"]],
    ["a key without an address", { host_keys: [KEY] }, "SSH setting without an address", ["host_keys"]],
    [
      "a choice that there is not",
      { address: "mx1", on_unreachable: "skip" },
      "Value not allowed",
      ["on_unreachable"],
    ],
  ])("GIVEN %s THEN that is refused where it stands", (_, parts, summary, path) => {
    expect(problems(parts)).toEqual([expect.objectContaining({ summary, path: ["hosts", "mx1", ...path] })]);
  });

  it("GIVEN an invalid value in the environment THEN it is refused", () => {
    const diagnostics = new Diagnostics();
    validateEnvironment({ MAIL_SNI_ON_UNREACHABLE: "warn" }, diagnostics);
    validateEnvironment({ MAIL_SNI_ON_UNREACHABLE: "" }, diagnostics);
    validateEnvironment({}, diagnostics);
    expect(diagnostics.all).toEqual([]);
    validateEnvironment({ MAIL_SNI_ON_UNREACHABLE: "yes" }, diagnostics);
    expect(diagnostics.all[0]?.detail).toContain('MAIL_SNI_ON_UNREACHABLE is "yes"');
    validateEnvironment({ MAIL_SNI_SERVED: "skip" }, diagnostics);
    validateEnvironment({ MAIL_SNI_SERVED: "no" }, diagnostics);
    expect(diagnostics.all.slice(1).map(({ detail }) => detail)).toEqual([
      'The environment variable MAIL_SNI_SERVED is "no". Set it to "ask" or "skip", or unset it.',
    ]);
  });

  it("GIVEN states to take over THEN each has to be an identity as messages name it", () => {
    const said = (value: string) => {
      const diagnostics = new Diagnostics();
      validateEnvironment({ MAIL_SNI_TAKE_OVER: value }, diagnostics);
      return diagnostics.all.map(({ summary, detail }) => `${summary}: ${detail}`);
    };
    expect(said("")).toEqual([]);
    expect(said(`${"0".repeat(16)}, ${"f".repeat(16)}`)).toEqual([]);
    expect(said("yes")).toEqual([
      expect.stringMatching(/^Not a state identity: .*MAIL_SNI_TAKE_OVER holds "yes"/),
    ]);
  });
});

describe("the settings of a host", () => {
  it("GIVEN no address THEN it is this machine", () => {
    expect(hostSettings("mx1", config({}))).toMatchObject({ ssh: null, root: "/", applyOwnership: true });
  });

  it("GIVEN an address THEN paths of the host are its own, and files of ssh are this machine's", () => {
    const settings = hostSettings(
      "mx1",
      config({ address: "mx1", root: "/srv/jail", identity_file: "keys/id", known_hosts_file: "~/known" }),
    );
    expect(settings).toMatchObject({ root: "/srv/jail", applyOwnership: false });
    expect(settings.ssh).toMatchObject({
      address: "mx1",
      identityFile: `${process.cwd()}/keys/id`,
      knownHostsFile: `${process.env.HOME}/known`,
    });
  });

  it.each([
    [undefined, null, "fail"],
    [undefined, "warn", "warn"],
    ["warn", null, "warn"],
    ["fail", "warn", "fail"],
    ["", "warn", "warn"],
  ])(
    "GIVEN %j in the environment and %j in the configuration THEN an absence means: %s",
    (value, given, expected) => {
      const environment = { MAIL_SNI_ON_UNREACHABLE: value };
      const { onUnreachable } = hostSettings("mx1", config({ on_unreachable: given }), environment);
      expect(onUnreachable).toBe(expected);
    },
  );
});
