export {
  AcmeCertificate,
  type AcmeCertificateProps,
  type AcmeDirectoryProps,
  AcmeIssuer,
  type AcmeIssuerProps,
  type ExternalAccount,
} from "./constructs/certificate/acme-issuer";
export type { AdoptFrom } from "./constructs/certificate/adoption";
export {
  Certificate,
  type CertificateRequest,
  type ICertificate,
  type IIssuer,
  type PemParts,
} from "./constructs/certificate/certificate";
export {
  Challenge,
  type ChallengeOptions,
  type DnsHookOptions,
  type HttpWebrootOptions,
} from "./constructs/certificate/challenge";
export {
  DehydratedChallenge,
  type DehydratedDnsOptions,
  type DehydratedHttpOptions,
} from "./constructs/certificate/dehydrated-challenge";
export {
  DehydratedCertificate,
  type DehydratedCertificateProps,
  type DehydratedDirectoryProps,
  DehydratedIssuer,
  type DehydratedIssuerProps,
  type ExternalAccountOnHost,
  IpVersion,
} from "./constructs/certificate/dehydrated-issuer";
export { type CertificateTimes, IssuedCertificate } from "./constructs/certificate/issued-certificate";
export { KeyAlgorithm } from "./constructs/certificate/key-algorithm";
export {
  PrivateCa,
  type PrivateCaProps,
  PrivateCertificate,
  type PrivateCertificateOptions,
  type PrivateCertificateProps,
} from "./constructs/certificate/private-ca";
export { HostNames } from "./constructs/domain/host-names";
export { MailDomain, type MailDomainOptions } from "./constructs/domain/mail-domain";
export {
  type DeclaredDomain,
  type FromDomainsTxtOptions,
  MailDomains,
  type SkippedRow,
} from "./constructs/domain/mail-domains";
export { type IRowsToSkip, SkipRows } from "./constructs/domain/skip-rows";
export {
  type LocalMailHostProps,
  MailHost,
  type MailHostProps,
  OnUnreachable,
  Ownership,
  type SshMailHostProps,
  type StagingDirectoryProps,
} from "./constructs/host/mail-host";
export { OnDestroy } from "./constructs/host/on-destroy";
export {
  type CronTimerOptions,
  RenewalTimer,
  type SystemdTimerOptions,
} from "./constructs/host/renewal/renewal-timer";
export { Renewer } from "./constructs/host/renewer";
export type { SshConnectionProps } from "./constructs/host/ssh-block";
export { Dovecot, type DovecotOptions } from "./constructs/service/dovecot";
export {
  type FileAttributes,
  type HostContent,
  HostFile,
  type HostFileOptions,
  type Placeholder,
} from "./constructs/service/host-content";
export {
  type IMailService,
  IncludePosition,
  type IServiceUpgrade,
  MailProtocol,
  type NameBlocks,
  type ServerArrival,
  type ServerVersion,
  type ServiceCommands,
  type ServiceConfiguration,
  type ServiceEndpoint,
} from "./constructs/service/mail-service";
export { Qmail, type QmailOptions, QmailSmtps } from "./constructs/service/qmail";
export { Lookup, type ServedCertificate, ServedCertificates } from "./constructs/service/served-certificate";
export { type CustomServiceProps, Service } from "./constructs/service/service";
export { IssuanceJournal } from "./constructs/sni/issuance-journal";
export { MailSni, type MailSniProps } from "./constructs/sni/mail-sni";
export { SniRules } from "./constructs/sni/rules/sni-rules";
export { SniTable, type SniTableRow } from "./constructs/sni/table/sni-table";
export type { DomainsTxtRow } from "./shared/dehydrated/domains-txt";
export { BlockPlace, type LocalNameBlock } from "./shared/dovecot/local-name-block";
export { MailSniError, type MailSniErrorCode, type SniRuleCode } from "./shared/errors";
export { BlockWinner } from "./shared/service/block-winner";
