/** The name of a stack's output with public facts, which the constructs write and the command reads. */
export const PUBLIC_FACTS_OUTPUT = "mail_sni";
