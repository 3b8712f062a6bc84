import { validateEnvironment } from "../../../../lib/provider/environment";
import { Diagnostics } from "../../../../lib/provider/protocol/diagnostics";
import { engineSpeaksProtocol } from "../../../../lib/provider/protocol/wire/handshake";
import { ProxyFault, proxyFor } from "../../../../lib/shared/http/proxy";
import { STATE } from "./ledger";
import type { Parser } from "./parser";
import { never } from "./refusals";

export function environmentParsers(): Parser[] {
  return [
    {
      name: "the proxy of the environment",
      seeds: ["http://user:secret@proxy.test:3128\nlocalhost,.example.org,[::1]:443,*", "proxy.test:3128\n"],
      throws: (error) => error instanceof ProxyFault && !error.message.includes("secret"),
      read: (input) => {
        const [HTTPS_PROXY, NO_PROXY] = input.toString().split("\n", 2);
        return proxyFor("ca.test", 443, { HTTPS_PROXY, NO_PROXY })?.href;
      },
      repeats: [":1", "]", "a,", "[", ":"],
    },
    {
      name: "settings of the environment",
      seeds: [`warn\n${STATE}, ${STATE}\n5,6`, "fail\n\n6"],
      throws: never,
      read: (input) => {
        const [first, second, PLUGIN_PROTOCOL_VERSIONS] = input.toString().split("\n", 3);
        const diagnostics = new Diagnostics();
        const values = { MAIL_SNI_ON_UNREACHABLE: first, MAIL_SNI_TAKE_OVER: second };
        validateEnvironment(values, diagnostics);
        return [diagnostics.all, engineSpeaksProtocol({ PLUGIN_PROTOCOL_VERSIONS })];
      },
      // Each identity that is refused has a message.
      growth: 300,
    },
  ];
}
