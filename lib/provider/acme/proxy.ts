import { AcmeFailure } from "./failure";

/**
 * The proxy through which a server is reached, by `HTTPS_PROXY` and `NO_PROXY` of the environment, which engines keep to as
 * well; null for none. This machine itself is never reached through one.
 *
 * @throws {AcmeFailure} for what is no proxy, or of a kind that cannot be used
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
  if (parsed !== null && ["http:", "https:"].includes(parsed.protocol)) return parsed;
  // What it says may hold a password.
  throw new AcmeFailure(
    "The environment variable HTTPS_PROXY names no proxy that can be used here.",
    "Write one such as http://proxy.example.org:3128, or except the CA by NO_PROXY.",
  );
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}

/** @param exceptions separated by commas: a name with all below it, `.name` for those below it alone, or `*` */
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
