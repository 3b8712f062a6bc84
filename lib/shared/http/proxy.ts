/** An error: the environment names no proxy that can be used. */
export class ProxyFault extends Error {
  override readonly name = "ProxyFault";

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/**
 * The proxy for a server by the environment variables `HTTPS_PROXY` and `NO_PROXY`, as the engines read them;
 * null for none. Loopback addresses never use a proxy.
 *
 * @throws {ProxyFault} if the value is not a proxy's URL, or its scheme is not supported
 */
export function proxyFor(
  host: string,
  port: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): URL | null {
  const proxy = environment.HTTPS_PROXY || environment.https_proxy;
  const exceptions = environment.NO_PROXY || environment.no_proxy || "";
  if (!proxy || isThisMachine(host) || isException(host.toLowerCase(), port, exceptions)) return null;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && ["http:", "https:"].includes(parsed.protocol) && isDecodable(parsed)) return parsed;
  // The value is not printed: it may hold a password.
  throw new ProxyFault(
    "The environment variable HTTPS_PROXY names no proxy that can be used here.",
    "Write one such as http://proxy.example.org:3128, or except the CA by NO_PROXY.",
  );
}

/** A URL keeps a `%` of its user or password that begins no octet, such as that of `me:100%@`. */
function isDecodable({ username, password }: URL): boolean {
  try {
    [username, password].map(decodeURIComponent);
    return true;
  } catch {
    return false;
  }
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/** @param exceptions separated by commas: a name with its subdomains, `.name` for subdomains only, or `*` */
function isException(host: string, port: number, exceptions: string): boolean {
  return exceptions
    .toLowerCase()
    .split(",")
    .map((exception) => /^\[?(.*?)\]?(?::(\d+))?$/.exec(exception.trim()))
    .some((match) => {
      const [, name = "", only] = match ?? [];
      if (name === "" || (only !== undefined && Number(only) !== port)) return false;
      return name === "*" || host === name || host.endsWith(name.startsWith(".") ? name : `.${name}`);
    });
}
