import { describe, expect, it } from "vitest";
import { checkConfiguration } from "../../lib/provider/protocol/configuration";
import { Diagnostics } from "../../lib/provider/protocol/diagnostics";
import { UNKNOWN } from "../../lib/provider/protocol/values/unknown";
import { attributes } from "../../lib/provider/provider-schema";
import { validateProvider } from "../../lib/provider/provider-validation";

describe("the provider's block", () => {
  it.each([
    ["a stack and nothing else", { stack: "mail" }],
    ["hosts that are not known yet", { stack: "mail", hosts: UNKNOWN }],
    ["a host that is not known yet", { stack: "mail", hosts: { mx1: UNKNOWN } }],
    [
      "an endpoint and a port that are not known yet",
      {
        stack: "mail",
        hosts: {
          mx1: host({
            exim: { ...service(), endpoints: [UNKNOWN, { ...ENDPOINT, port: UNKNOWN }, ENDPOINT] },
          }),
        },
      },
    ],
    ["services of any name on one line", { stack: "mail", hosts: { "mx 1": host({ "é — x": service() }) } }],
  ])("GIVEN %s THEN it is accepted", (_, config) => {
    expect(problems(config)).toEqual([]);
  });

  it.each([
    ["white space in the stack's name", { stack: "a b" }, "Not a valid stack name", ["stack"]],
    ["an empty name of a host", { stack: "s", hosts: { "": host() } }, "Not a valid host id", ["hosts", ""]],
    [
      "a tab in the name of a service, which would end a field of the ledger",
      { stack: "s", hosts: { mx1: host({ "a\tb": service() }) } },
      "Not a valid service name",
      ["hosts", "mx1", "services", "a\tb"],
    ],
    [
      "a line break in the name of a service, which would end a line of the ledger",
      { stack: "s", hosts: { mx1: host({ "a\nclaim": service() }) } },
      "Not a valid service name",
      ["hosts", "mx1", "services", "a\nclaim"],
    ],
    [
      "an ownership that there is not",
      { stack: "s", hosts: { mx1: { ...host(), ownership: "ignore" } } },
      "Value not allowed",
      ["hosts", "mx1", "ownership"],
    ],
    [
      "a fingerprint for a host key",
      { stack: "s", hosts: { mx1: { ...host(), address: "mx1", host_keys: ["SHA256:x"] } } },
      "Invalid connection setting",
      ["hosts", "mx1", "host_keys", 0],
    ],
    [
      "a host key without an address",
      { stack: "s", hosts: { mx1: { ...host(), host_keys: [] } } },
      "SSH setting without an address",
      ["hosts", "mx1", "host_keys"],
    ],
    [
      "an answer to absences that there is not",
      { stack: "s", hosts: { mx1: { ...host(), on_unreachable: "skip" } } },
      "Value not allowed",
      ["hosts", "mx1", "on_unreachable"],
    ],
    [
      "a relative state directory",
      { stack: "s", hosts: { mx1: { ...host(), state_directory: "var" } } },
      "Not a valid directory path",
      ["hosts", "mx1", "state_directory"],
    ],
    [
      "an invalid pattern",
      {
        stack: "s",
        hosts: {
          mx1: host({ exim: { ...service(), name_blocks: { list: ["x"], pattern: "(", winner: null } } }),
        },
      },
      "Not a valid regular expression",
      ["hosts", "mx1", "services", "exim", "name_blocks", "pattern"],
    ],
    [
      "an invalid pattern of versions",
      { stack: "s", hosts: { mx1: host({ exim: { ...service(), version: { pattern: "[" } } }) } },
      "Not a valid regular expression",
      ["hosts", "mx1", "services", "exim", "version", "pattern"],
    ],
    [
      "a winner that there is not",
      {
        stack: "s",
        hosts: { mx1: host({ exim: { ...service(), name_blocks: { pattern: "x", winner: "best" } } }) },
      },
      "Value not allowed",
      ["hosts", "mx1", "services", "exim", "name_blocks", "winner"],
    ],
    [
      "a protocol that there is not",
      {
        stack: "s",
        hosts: {
          mx1: host({ exim: { ...service(), endpoints: [{ port: 1, protocol: "ftp", address: null }] } }),
        },
      },
      "Value not allowed",
      ["hosts", "mx1", "services", "exim", "endpoints", 0, "protocol"],
    ],
  ])("GIVEN %s THEN that is refused where it stands", (_, config, summary, path) => {
    expect(problems(config)).toEqual([expect.objectContaining({ summary, path })]);
  });

  it.each([
    ["an empty command", { check: [] }, ["check"]],
    ["a command without a program", { activate: ["", "reload"] }, ["activate"]],
    ["an empty command for the version", { version: { print: [], pattern: "x" } }, ["version", "print"]],
    ["an empty listing", { arrival: { list: [], pattern: "x" } }, ["arrival", "list"]],
    ["an empty listing of blocks", { name_blocks: { list: [], pattern: "x" } }, ["name_blocks", "list"]],
  ])("GIVEN %s THEN it is refused where it stands", (_, given, place) => {
    const exim = { ...service(), ...given };
    const path = ["hosts", "mx1", "services", "exim", ...place];
    expect(problems({ stack: "s", hosts: { mx1: host({ exim }) } })).toEqual([
      expect.objectContaining({ summary: "Command without a program", path }),
    ]);
  });

  it("GIVEN a command with a NUL character THEN it is refused where it stands", () => {
    const exim = { ...service(), check: ["exim", "a\0b"] };
    const path = ["hosts", "mx1", "services", "exim", "check"];
    expect(problems({ stack: "s", hosts: { mx1: host({ exim }) } })).toEqual([
      expect.objectContaining({ summary: "Text with a NUL character", path }),
    ]);
  });

  it("GIVEN commands that are not known yet, in whole or in part, THEN they are accepted", () => {
    const exim = { ...service(), check: UNKNOWN, activate: [UNKNOWN, "x"], version: UNKNOWN };
    expect(problems({ stack: "s", hosts: { mx1: host({ exim }) } })).toEqual([]);
  });

  it.each([0, -1, 65_536, 993.5])("GIVEN the port %d THEN it is refused where it stands", (port) => {
    const exim = { ...service(), endpoints: [ENDPOINT, { ...ENDPOINT, port }] };
    const path = ["hosts", "mx1", "services", "exim", "endpoints", 1, "port"];
    expect(problems({ stack: "s", hosts: { mx1: host({ exim }) } })).toEqual([
      expect.objectContaining({ summary: "Number out of range", path }),
    ]);
  });

  it.each([
    ["neither a directory nor hosts", { directory: null, hosts: null }],
    ["both", { directory: "/j", hosts: ["mx1"] }],
    ["no hosts", { directory: null, hosts: [] }],
    ["an empty directory", { directory: "", hosts: null }],
    ["a host that is not declared", { directory: null, hosts: ["mx2"] }],
  ])("GIVEN a journal with %s THEN it is refused", (_, journal) => {
    expect(problems({ hosts: { mx1: host() }, journal })).toMatchObject([
      { summary: "Not a place for the issuance journal" },
    ]);
  });

  it("GIVEN a journal in a directory, on a host, or not known yet THEN it is accepted", () => {
    const hosts = { mx1: host() };
    expect(problems({ hosts, journal: { directory: "/j", hosts: null } })).toEqual([]);
    expect(problems({ hosts, journal: { directory: null, hosts: ["mx1"] } })).toEqual([]);
    expect(problems({ hosts, journal: { directory: UNKNOWN, hosts: null } })).toEqual([]);
    expect(problems({ hosts: UNKNOWN, journal: { directory: null, hosts: ["mx1"] } })).toEqual([]);
  });
});

function problems(config: object) {
  const diagnostics = new Diagnostics();
  const values = { hosts: null, journal: null, ...config };
  checkConfiguration(attributes, values as never, diagnostics);
  validateProvider(values as never, diagnostics);
  return diagnostics.all;
}

function host(services: Record<string, object> = {}) {
  return { ...LOCAL, services };
}

const ENDPOINT = { port: 65_535, protocol: "tls", address: null };

const LOCAL = {
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
};

function service() {
  return { config: null, endpoints: null, version: null, arrival: null, name_blocks: null };
}
