import { UnusableList } from "./revocation-list";

/** Downloads the contents of a URL. */
export type Download = (url: string) => Promise<Buffer>;

/** The maximum size of a list. Those of large CAs have several megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Downloads over HTTP. Does not follow redirects: the CA has signed the URL, but not the target of a redirect.
 *
 * @param deadlineMs the time for a whole download
 * @returns a function that throws UnusableList if the download fails
 */
export function downloadWithin(deadlineMs: number): Download {
  return async (url) => {
    try {
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(deadlineMs) });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new UnusableList(`cannot be fetched: the server answers with status ${response.status}`);
      }
      return await bounded(response);
    } catch (error) {
      throw error instanceof UnusableList ? error : new UnusableList(`cannot be fetched: ${reasonOf(error)}`);
    }
  };
}

async function bounded({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new UnusableList(`has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The reason of a failure, which `fetch` puts into the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not come in time";
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}
