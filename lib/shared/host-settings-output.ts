/**
 * The name of a stack's output with a SHA-256 of each host's settings in the provider block and of its default domain, which the
 * constructs write. These, such as the address and the commands, are in no resource and in no state, so without the output no plan
 * shows that they have changed since the last deploy.
 */
export const HOST_SETTINGS_OUTPUT = "mail_sni_hosts";
