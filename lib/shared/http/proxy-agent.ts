import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { proxyFor } from "./proxy";

const TUNNEL_TIMEOUT_MS = 30_000;

/** Connections to HTTPS servers, through the environment's proxy if one is set (CONNECT, RFC 9110 §9.3.6). */
export class ProxyAgent extends Agent {
  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const [host, port] = [String(options.host), Number(options.port)];
    const proxy = proxyFor(host, port);
    if (proxy === null) return super.createConnection(options, callback);
    tunnel(proxy, host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`).then(
      (socket) => callback?.(null, connect({ ...(options as object), socket })),
      (error) => callback?.(error, undefined as never),
    );
    return undefined;
  }
}

/** @throws Error that names the proxy */
function tunnel(proxy: URL, target: string): Promise<Duplex> {
  const { protocol, host, hostname, port } = proxy;
  const isTls = protocol === "https:";
  return new Promise((resolve, reject) => {
    const asked = (isTls ? httpsRequest : httpRequest)({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port || (isTls ? 443 : 80),
      method: "CONNECT",
      path: target,
      agent: false,
      rejectUnauthorized: true,
      headers: { Host: target, ...credentials(proxy) },
    });
    const timer = setTimeout(() => asked.destroy(new Error("no answer in time")), TUNNEL_TIMEOUT_MS);
    asked.once("connect", ({ statusCode }, socket) => {
      clearTimeout(timer);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${host} answers with status ${statusCode}`));
    });
    asked.once("error", ({ message }) => {
      clearTimeout(timer);
      reject(new Error(`the proxy ${host} cannot be reached: ${message}`));
    });
    asked.end();
  });
}

function credentials({ username, password }: URL): { readonly "Proxy-Authorization"?: string } {
  if (username === "") return {};
  const pair = [username, password].map(decodeURIComponent).join(":");
  return { "Proxy-Authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
