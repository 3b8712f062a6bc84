/** The stable code of a `MailSniError`. docs/errors.md explains each. */
export type MailSniErrorCode =
  | HostNameErrorCode
  | PemErrorCode
  | CertificateErrorCode
  | PrivateCaErrorCode
  | AcmeErrorCode
  | DomainErrorCode
  | ServiceErrorCode
  | HostErrorCode
  | SshErrorCode
  | SniErrorCode
  | SniRuleCode
  | AcknowledgementErrorCode
  | TableErrorCode
  | PluginErrorCode;

export type AcknowledgementErrorCode = "RULE_MANDATORY" | "RULE_REASON_EMPTY" | "RULE_UNKNOWN";

export type AcmeErrorCode = "ACME_CONTACT" | "ACME_DIRECTORY" | "CHALLENGE_HOOK" | "CHALLENGE_WEBROOT";

export type CertificateErrorCode =
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_EXPIRES_SOON"
  | "CERTIFICATE_EXTENSION_UNKNOWN"
  | "CERTIFICATE_IS_CA"
  | "CERTIFICATE_KEY_USAGE"
  | "CERTIFICATE_MISSING"
  | "CERTIFICATE_MUST_STAPLE"
  | "CERTIFICATE_NAMES_MISSING"
  | "CERTIFICATE_NOT_FOR_SERVERS"
  | "CERTIFICATE_NOT_YET_VALID"
  | "CERTIFICATE_UNREADABLE"
  | "CERTIFICATE_UNEXPECTED_BLOCK"
  | "CHAIN_DUPLICATE"
  | "CHAIN_BROKEN"
  | "CHAIN_MISSING"
  | "CHAIN_ORDER"
  | "FILE_PATH_RELATIVE"
  | "KEY_DERIVATION_COSTLY"
  | "KEY_ENCRYPTED"
  | "KEY_MISMATCH"
  | "KEY_MISSING"
  | "KEY_PASSPHRASE_WRONG"
  | "KEY_RARE"
  | "KEY_SEVERAL"
  | "KEY_UNREADABLE"
  | "KEY_UNSUPPORTED"
  | "KEY_UNWANTED"
  | "KEY_WEAK"
  | "LEAF_NOT_FIRST"
  | "SIGNATURE_WEAK";

export type DomainErrorCode =
  | "DOMAINS_TXT_ALIAS"
  | "DOMAINS_TXT_COMMENT"
  | "DOMAINS_TXT_CONTINUATION"
  | "DOMAINS_TXT_EMPTY"
  | "DOMAINS_TXT_REASON_EMPTY"
  | "DOMAINS_TXT_ROWS"
  | "DOMAINS_TXT_UNREADABLE"
  | "DOMAINS_TXT_UNTERMINATED"
  | "DOMAIN_LIST_EMPTY"
  | "DOMAIN_WITHOUT_HOST_NAME"
  | "NAMES_EMPTY"
  | "NAME_TWICE";

export type HostNameErrorCode =
  | "HOST_NAME_EMPTY"
  | "HOST_NAME_INVALID"
  | "HOST_NAME_IP_ADDRESS"
  | "HOST_NAME_NOT_LITERAL"
  | "HOST_NAME_SINGLE_LABEL"
  | "HOST_NAME_TOO_LONG"
  | "HOST_NAME_WILDCARD"
  | "HOST_NAME_WILDCARD_MISPLACED";

export type HostErrorCode =
  | "HOST_IN_ANOTHER_STACK"
  | "HOST_PLACE_TWICE"
  | "HOST_TWICE"
  | "ID_INVALID"
  | "PROVIDER_LOCAL_MISSING"
  | "ROOT_INVALID"
  | "SERVICES_EMPTY"
  | "SERVICE_TWICE"
  | "STAGED_KEY_ENCRYPTED"
  | "STAGING_PATH_INVALID";

export type PemErrorCode =
  | "PEM_BLOCK_BROKEN"
  | "PEM_EMPTY"
  | "PEM_NO_BLOCK"
  | "PEM_NO_FINAL_NEWLINE"
  | "PEM_NOT_IN_FIRST_COLUMN"
  | "PEM_NOT_SEPARATED"
  | "PEM_TOO_MANY_BLOCKS";

export type PluginErrorCode =
  | "CDKTF_PACKAGE"
  | "HCL_OUTPUT"
  | "PROVIDER_DAMAGED"
  | "PROVIDER_HIDDEN"
  | "PROVIDER_NOT_BUILT";

export type PrivateCaErrorCode =
  | "CA_VALIDITY"
  | "CA_KEY_MISMATCH"
  | "CA_KEY_UNUSABLE"
  | "CA_NOT_A_CA"
  | "CA_NOT_ONE_BLOCK"
  | "CA_NOT_VALID_NOW";

export type ServiceErrorCode =
  | "COMMAND_EMPTY"
  | "DOVECONF_CONDITIONAL"
  | "DOVECONF_INVALID"
  | "DOVECONF_UNCLEAR"
  | "DOVECONF_UNREADABLE"
  | "ENDPOINT_PORT"
  | "LOCAL_NAMES_SEVERAL"
  | "LOCAL_NAME_INVALID"
  | "MODE_INVALID"
  | "PATH_INVALID"
  | "PATH_TWICE"
  | "PATTERN_INVALID"
  | "SERVICE_NAME_INVALID";

/** The code of a rule that mail hosts are checked against. docs/rules.md explains each. */
export type SniRuleCode =
  | "SNI001"
  | "SNI002"
  | "SNI003"
  | "SNI004"
  | "SNI005"
  | "SNI006"
  | "SNI007"
  | "SNI008"
  | "SNI009"
  | "SNI010"
  | "SNI011"
  | "SNI012"
  | "SNI013"
  | "SNI014";

export type SniErrorCode =
  | "CERTIFICATE_AND_ISSUER"
  | "DEFAULT_NOT_DECLARED"
  | "DEFAULT_NOT_EVERYWHERE"
  | "DEFAULT_TWICE"
  | "DOMAIN_TWICE"
  | "HOSTS_EMPTY"
  | "HOST_NOT_DECLARED"
  | "ISSUER_MISSING"
  | "RUN_INTERVAL";

export type SshErrorCode = "BECOME_INVALID" | "HOST_KEY_INVALID" | "SSH_ADDRESS_INVALID" | "SSH_FILE_INVALID";

export type TableErrorCode = "TABLE_DIRECTORY" | "TABLE_UNWRITABLE";
