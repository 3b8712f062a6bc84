import { request } from "node:https";
import { ProxyAgent } from "../../../../shared/http/proxy-agent";

export interface HttpsReply {
  readonly status: number;
  readonly body: string;
}

const DEADLINE_MS = 20_000;
const MOST_CHARACTERS = 1024 * 1024;

/**
 * Fetches a URL, through the proxy of the environment if one is set. Follows no redirects.
 *
 * @param caPem CA certificates to trust instead of the public CAs; null for those and `NODE_EXTRA_CA_CERTS`
 * @throws Error that says why there is no answer
 */
export async function httpsGet(url: string, caPem: string | null): Promise<HttpsReply> {
  if (!URL.canParse(url) || new URL(url).protocol !== "https:") throw new Error("it is not an https:// URL");
  // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes the default.
  const agent = new ProxyAgent({ rejectUnauthorized: true, ...(caPem !== null && { ca: caPem }) });
  try {
    return await answerOf(url, agent);
  } finally {
    agent.destroy();
  }
}

function answerOf(url: string, agent: ProxyAgent): Promise<HttpsReply> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(error.name === "TimeoutError" ? new Error("no answer came in time") : error);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const sent = request(url, { agent, signal, headers: { "User-Agent": "cdktf-mail-sni" } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
        if (body.length > MOST_CHARACTERS) response.destroy(new Error("its answer is too long"));
      });
      response.once("error", fail);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.once("error", fail);
    sent.end();
  });
}
