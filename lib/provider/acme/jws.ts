import { createHash, createHmac, createPublicKey, type KeyObject, sign } from "node:crypto";

/** A request signed by an account's key (RFC 8555 §6.2): the flattened JSON serialisation. */
export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

export type Jwk = Readonly<Record<string, string>>;

/** The signed header without the algorithm: who signs, and which request the signature is valid for. */
export type JwsHeader = { readonly url: string; readonly nonce?: string } & (
  | { readonly kid: string }
  | { readonly jwk: Jwk }
);

/** Signs with an account's key. */
export class JwsSigner {
  readonly jwk: Jwk;
  /** The thumbprint of the public key (RFC 7638), base64url. */
  readonly thumbprint: string;
  readonly #algorithm: SigningAlgorithm;

  /** @param key one that `isAccountKey` accepts */
  constructor(private readonly key: KeyObject) {
    const algorithm = algorithmOf(key);
    if (algorithm === null) throw new Error(`An account key of type ${key.asymmetricKeyType}.`);
    this.#algorithm = algorithm;
    this.jwk = publicJwk(key);
    this.thumbprint = createHash("sha256").update(JSON.stringify(this.jwk)).digest("base64url");
  }

  /** @param payload null for POST-as-GET */
  sign(header: JwsHeader, payload: object | null): Jws {
    const { alg, hash } = this.#algorithm;
    const head = encode({ alg, ...header });
    const body = payload === null ? "" : encode(payload);
    const signed = Buffer.from(`${head}.${body}`);
    const signature = sign(hash, signed, { key: this.key, dsaEncoding: "ieee-p1363" });
    return { protected: head, payload: body, signature: signature.toString("base64url") };
  }

  /** Binds this account to one that exists at the CA (RFC 8555 §7.3.4). */
  bind(url: string, { keyId, hmacKey }: ExternalAccount): Jws {
    const head = encode({ alg: "HS256", kid: keyId, url });
    const body = encode(this.jwk);
    const hmac = createHmac("sha256", Buffer.from(hmacKey, "base64url"));
    return { protected: head, payload: body, signature: hmac.update(`${head}.${body}`).digest("base64url") };
  }
}

/** An account that the user already has with a CA (external account binding, RFC 8555 §7.3.4). */
export interface ExternalAccount {
  readonly keyId: string;
  /** Base64url. */
  readonly hmacKey: string;
}

/** Whether requests can be signed with it (RFC 7518 §3.1). */
export function isAccountKey(key: KeyObject): boolean {
  return algorithmOf(key) !== null;
}

interface SigningAlgorithm {
  readonly alg: string;
  readonly hash: string;
}

function algorithmOf(key: KeyObject): SigningAlgorithm | null {
  if (key.asymmetricKeyType === "rsa") return { alg: "RS256", hash: "sha256" };
  return EC_ALGORITHMS.get(key.asymmetricKeyDetails?.namedCurve ?? "") ?? null;
}

const EC_ALGORITHMS: ReadonlyMap<string, SigningAlgorithm> = new Map([
  ["prime256v1", { alg: "ES256", hash: "sha256" }],
  ["secp384r1", { alg: "ES384", hash: "sha384" }],
  ["secp521r1", { alg: "ES512", hash: "sha512" }],
]);

/** The required members alone, sorted by name: the text that the thumbprint hashes (RFC 7638 §3). */
function publicJwk(key: KeyObject): Jwk {
  const jwk = createPublicKey(key).export({ format: "jwk" });
  const members = jwk.kty === "RSA" ? (["e", "kty", "n"] as const) : (["crv", "kty", "x", "y"] as const);
  return Object.fromEntries(members.map((name) => [name, String(jwk[name])]));
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
