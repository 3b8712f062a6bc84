import type { JsonObject } from "../json/json-object";

/** As both engines write it, whatever the name of the provider in the configuration is. */
const OUR_PROVIDER = "mail-sni.invalid/mail-sni/mailsni";

/** Of an object that the engine itself defines. */
export const MOST_MEMBERS = 100;
/** Of a resource. */
export const MOST_ATTRIBUTES = 10_000;
/** Of the address of a resource or an action. */
export const MOST_ADDRESS_BYTES = 8192;
/** Of a word of the engine, such as an action or a type. */
export const MOST_WORD_BYTES = 256;

/** Whether a resource is of the mail-sni provider. Other providers may have types of the same name. */
export function isOurProvider(resource: JsonObject): boolean {
  return resource.text("provider_name") === OUR_PROVIDER;
}
