import { combinedPem, type IssuedCertificate, type IssueOptions, issue } from "./certificates";

let ca: Promise<IssuedCertificate> | undefined;

/** The CA of all that follows; once a process. */
function testCa(): Promise<IssuedCertificate> {
  ca ??= issue({ subject: "CN=Test CA", ca: true });
  return ca;
}

/** A combined PEM (key, leaf, chain) that is good for these names. */
export async function pemFor(...names: readonly [string, ...string[]]): Promise<string> {
  return pemWith({ dnsNames: names });
}

/** A combined PEM of any certificate of the test CA, wrong ones too. */
export async function pemWith(options: IssueOptions): Promise<string> {
  const issuer = await testCa();
  return combinedPem(await issue({ issuer, ...options }), issuer);
}
