export {
  AcmeCertificate,
  type AcmeDirectoryProps,
  AcmeIssuer,
  type AcmeIssuerProps,
  type ExternalAccount,
} from "./certificate/acme-issuer";
export {
  Certificate,
  type CertificateRequest,
  type ICertificate,
  type IIssuer,
  type PemParts,
} from "./certificate/certificate";
export {
  Challenge,
  type ChallengeOptions,
  type DnsHookOptions,
  type HttpWebrootOptions,
} from "./certificate/challenge";
export type { IssuedCertificate } from "./certificate/issued-certificate";
export { KeyAlgorithm } from "./certificate/key-algorithm";
export {
  PrivateCa,
  type PrivateCaProps,
  PrivateCertificate,
  type PrivateCertificateOptions,
} from "./certificate/private-ca";
export { MailSniError, type MailSniErrorCode, type SniRuleCode } from "./common/errors";
export type { DomainsTxtRow } from "./domain/domains-txt";
export { HostNames } from "./domain/host-names";
export {
  type DeclaredDomain,
  type FromDomainsTxtOptions,
  MailDomains,
  type SkippedRow,
} from "./domain/mail-domains";
export { type IRowsToSkip, SkipRows } from "./domain/skip-rows";
export {
  type LocalMailHostProps,
  MailHost,
  type MailHostProps,
  OnUnreachable,
  Ownership,
  type SshMailHostProps,
  type StagingDirectoryProps,
} from "./host/mail-host";
export type { SshConnectionProps } from "./host/ssh-block";
export { Dovecot, type DovecotOptions } from "./service/dovecot";
export {
  type FileAttributes,
  type HostContent,
  HostFile,
  type HostFileOptions,
  type Placeholder,
} from "./service/host-content";
export { BlockPlace, type LocalNameBlock } from "./service/local-name-block";
export {
  BlockWinner,
  type IMailService,
  IncludePosition,
  MailProtocol,
  type NameBlocks,
  type ServerArrival,
  type ServerVersion,
  type ServiceCommands,
  type ServiceConfiguration,
  type ServiceEndpoint,
  type ServiceUpgrade,
} from "./service/mail-service";
export { Qmail, type QmailOptions, QmailSmtps } from "./service/qmail";
export { Lookup, type ServedCertificate, ServedCertificates } from "./service/served-certificate";
export { type CustomServiceProps, Service } from "./service/service";
export { MailDomain, type MailDomainOptions } from "./sni/mail-domain";
export { MailSni, type MailSniProps } from "./sni/mail-sni";
export { SniRules } from "./sni/sni-rules";
export { SniTable, type SniTableRow } from "./sni/sni-table";
