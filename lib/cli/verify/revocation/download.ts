import { UnusableList } from "./revocation-list";

/** Fetches what is at a URL. */
export type Download = (url: string) => Promise<Buffer>;

/** The lists of large CAs have some megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Downloads over HTTP. Redirects are not followed: the URL is signed by a CA, where it leads is not.
 *
 * @param deadlineMs for all of it
 * @returns a function that throws UnusableList if there is no such answer
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

/** `fetch` has the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not come in time";
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}
