import { JsonError } from "../../../../shared/json/json-error";
import { parseJson } from "../../../../shared/json/parse-json";
import { type HttpsReply, httpsGet } from "./https-get";

const MOST_CHARACTERS = 1024 * 1024;
const MOST_IDENTITIES = 20;

/** What is known of Let's Encrypt without asking it. */
const LETS_ENCRYPT = /^https:\/\/acme(-staging)?-v02\.api\.letsencrypt\.org\//;

/** The directory of a CA could not be read. */
export class AuthorityFailure extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** A CA by its directory URL. Its directory is fetched once. */
export class CertificateAuthority {
  #identities: Promise<readonly string[]> | undefined;

  constructor(
    readonly url: string,
    private readonly caPem: string | null,
  ) {}

  get isLetsEncrypt(): boolean {
    return LETS_ENCRYPT.test(this.url);
  }

  /**
   * The domain names by which CAA records allow it (RFC 8555 §9.7.6); empty if the CA does not say.
   *
   * @throws {AuthorityFailure} if its directory cannot be read
   */
  identities(): Promise<readonly string[]> {
    this.#identities ??= this.#fetched();
    return this.#identities;
  }

  async #fetched(): Promise<readonly string[]> {
    const reply = await httpsGet(this.url, this.caPem).catch((error: Error) => {
      throw new AuthorityFailure(`${this.url} cannot be reached: ${error.message}.`, REACH_IT);
    });
    return this.#parsed(reply);
  }

  #parsed({ status, body }: HttpsReply): readonly string[] {
    if (status !== 200) throw this.#notAcme(`it answers with status ${status}`);
    try {
      const document = parseJson(body, MOST_CHARACTERS);
      document.member("newOrder").text(2000);
      const identities = document
        .member("meta")
        .optional((meta) =>
          meta.member("caaIdentities").optional((list) => list.list(MOST_IDENTITIES, (one) => one.text(255))),
        );
      return (identities ?? []).map((one) => one.toLowerCase());
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw this.#notAcme(`in its answer, ${error.message.replace(/\.$/, "")}`);
    }
  }

  #notAcme(because: string): AuthorityFailure {
    return new AuthorityFailure(
      `${this.url} is not the directory of an ACME server, or fails: ${because}.`,
      "Check the directory URL of the issuer; if it is right, wait for the CA.",
    );
  }
}

const REACH_IT =
  "Check that this machine reaches it, through HTTPS_PROXY if that is set, and trusts its certificate: for a CA of your own, set caCertificate of the issuer.";
