import { checkConfiguration } from "../../../../lib/provider/protocol/configuration";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { decodePrivate } from "../../../../lib/provider/protocol/private-state";
import {
  decodeObject,
  encodeObject,
  WireError,
} from "../../../../lib/provider/protocol/values/dynamic-value";
import { attributes } from "../../../../lib/provider/provider-schema";
import { wire } from "../../../provider/protocol/support/client";
import type { Parser } from "./parser";
import { never, only } from "./refusals";

const PROVIDER_CONFIGURATION = {
  stack: "mail",
  hosts: {
    mx1: {
      address: "root@mx1:22",
      ssh_config_file: null,
      identity_file: null,
      known_hosts_file: null,
      host_keys: ["ssh-ed25519 AAAA"],
      proxy_jump: null,
      become: ["sudo", "-n"],
      gone: false,
      on_unreachable: "warn",
      root: null,
      ownership: null,
      state_directory: "/var/lib/mail-sni",
      services: null,
    },
  },
};

export function protocolParsers(): Parser[] {
  const decoded = (field: "json" | "msgpack") => (input: Buffer) => {
    const object = decodeObject(attributes, { [field]: input });
    if (object === null) return null;
    const diagnostics = new Diagnostics();
    checkConfiguration(attributes, object, diagnostics);
    return [object, encodeObject(object), diagnostics.all];
  };
  return [
    {
      name: "a value of the engine, as MessagePack",
      seeds: [wire(PROVIDER_CONFIGURATION).msgpack as Uint8Array, wire(null).msgpack as Uint8Array],
      throws: only(WireError),
      read: decoded("msgpack"),
      growth: 40,
    },
    {
      name: "a value of the engine, as JSON",
      seeds: [JSON.stringify(PROVIDER_CONFIGURATION), "null", '{"stack":1.50e3,"hosts":{"__proto__":null}}'],
      throws: only(WireError),
      read: decoded("json"),
      repeats: ["0", "1", "10", "-", '\\"', '"a",'],
      growth: 40,
    },
    {
      name: "private data of a resource",
      seeds: ['{"id":"id-1","account":{"url":"https://ca.test/1"}}', ""],
      throws: never,
      read: (input) => {
        const diagnostics = new Diagnostics();
        return [decodePrivate(input, diagnostics), diagnostics.all];
      },
      growth: 40,
    },
  ];
}
