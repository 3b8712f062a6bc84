import { dirname } from "node:path";
import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { ruleErrors } from "../../../shared/errors";
import { localState, type ReadableState } from "../../plugin/local-state";
import type { SniRule } from "./rule";

interface Detail {
  readonly stack: string;
  readonly path: string;
  readonly readable: ReadableState;
  /** Whether a passphrase would encrypt all keys of the state. */
  readonly encryptable: boolean;
}

/** SNI014: every user of the machine that deploys can read the keys in its local state. */
export const readableState: SniRule<Detail> = {
  code: "SNI014",
  find([first]) {
    if (first === undefined) return [];
    const stack = TerraformStack.of(first.host);
    const state = localState(stack);
    const types = new Set(stack.node.findAll().map(typeOf));
    const encryptable = !NEVER_ENCRYPTED.some((type) => types.has(type));
    if (state === undefined || (encryptable && !ENCRYPTABLE.some((type) => types.has(type)))) return [];
    const { path, readable } = state;
    const { id } = stack.node;
    return [
      {
        about: [stack],
        kind: id,
        detail: { stack: id, path, readable: readable ?? { directory: dirname(path) }, encryptable },
        // The SNI table must be the same on every machine.
        isHere: readable !== undefined && !isEncrypted(encryptable),
      },
    ];
  },
  describe(details) {
    const [{ stack, path, readable, encryptable }] = details as [Detail];
    return ruleErrors.readableState(stack, path, readable, encryptable);
  },
  summarize: ({ stack }) => `the local state of the stack ${stack}`,
};

/** Resources whose keys a passphrase of the deploy encrypts. */
const ENCRYPTABLE: readonly string[] = [
  "mailsni_acme_account",
  "mailsni_acme_certificate",
  "mailsni_private_ca",
  "mailsni_private_certificate",
];
/** Resources of other providers that store keys unencrypted. */
const NEVER_ENCRYPTED: readonly string[] = [
  "acme_certificate",
  "acme_registration",
  "local_sensitive_file",
  "tls_private_key",
];

/**
 * Whether the keys are encrypted: by the passphrase for keys, or by OpenTofu's encryption of the whole state.
 */
function isEncrypted(encryptable: boolean): boolean {
  const { MAIL_SNI_KEY_PASSPHRASE, TF_ENCRYPTION } = process.env;
  return Boolean(TF_ENCRYPTION) || (encryptable && Boolean(MAIL_SNI_KEY_PASSPHRASE));
}

function typeOf(construct: IConstruct): string | undefined {
  return (construct as { readonly terraformResourceType?: string }).terraformResourceType;
}
