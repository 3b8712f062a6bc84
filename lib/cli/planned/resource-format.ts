import type { JsonObject } from "../json/json-object";

/** As both engines write it, whatever the name of the provider in the configuration is. */
const OUR_PROVIDER = "mail-sni.invalid/mail-sni/mailsni";

export const ACME_CERTIFICATE = "mailsni_acme_certificate";
export const PRIVATE_CERTIFICATE = "mailsni_private_certificate";
export const PRIVATE_CA = "mailsni_private_ca";
export const HOST_FILES = "mailsni_host_files";
export const HOST_JOB = "mailsni_host_job";
export const RETIRED_RENEWERS = "mailsni_retired_renewers";
export const SERVED_CERTIFICATES = "mailsni_served_certificates";

/** The maximum number of members of an object that the engine itself defines. */
export const MOST_MEMBERS = 100;
/** The maximum number of attributes of a resource. */
export const MOST_ATTRIBUTES = 10_000;
/** The maximum length of the address of a resource or an action, in bytes. */
export const MOST_ADDRESS_BYTES = 8192;
/** The maximum length of a word of the engine, such as an action or a type, in bytes. */
export const MOST_WORD_BYTES = 256;

/** Whether a resource is of the mail-sni provider. Other providers may have types of the same name. */
export function isOurProvider(resource: JsonObject): boolean {
  return resource.text("provider_name") === OUR_PROVIDER;
}
