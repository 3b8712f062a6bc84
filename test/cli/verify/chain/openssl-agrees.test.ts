import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chainOf } from "../../../../lib/cli/verify/chain/chain";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import type { IssuedCertificate } from "../../../support/certificates";
import { describeIf, openssl } from "../../../support/requirements";
import { issueOdd, type OddCertificate, oddChain } from "../support/odd-chains";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-chain-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What `openssl verify` says as a TLS client: nothing, or its error. */
function opensslError([root, ...others]: readonly IssuedCertificate[]): string | null {
  const file = (name: string, certificates: readonly IssuedCertificate[]) => {
    const path = join(directory, name);
    writeFileSync(path, certificates.map(({ pem }) => pem).join(""));
    return path;
  };
  const leaf = others.pop() as IssuedCertificate;
  const { status, stderr } = spawnSync("openssl", [
    ...["verify", "-purpose", "sslserver", "-partial_chain"],
    ...["-trusted", file("root.pem", [root as IssuedCertificate])],
    ...(others.length > 0 ? ["-untrusted", file("others.pem", others)] : []),
    file("leaf.pem", [leaf]),
  ]);
  return status === 0 ? null : (/^error.*$/m.exec(stderr.toString())?.[0] ?? stderr.toString());
}

/** What the command says: nothing, or the faults. */
function ownFaults([root, ...others]: readonly IssuedCertificate[]): string[] {
  const sent = others.map(({ pem }) => new X509Certificate(pem)).reverse() as [X509Certificate];
  const store = new TrustStore([new X509Certificate((root as IssuedCertificate).pem)]);
  const { end, faults } = chainOf(sent, store, new Date());
  return [...(end === "trusted" ? [] : [end]), ...faults.map(({ kind }) => kind)];
}

/** More are for a person: 2,500 take five minutes. */
const RUNS = 60;

describeIf(openssl, "a chain with extensions that CAs write rarely, or never", () => {
  it("GIVEN any THEN the command refuses it where OpenSSL does", async () => {
    const agrees = async (chain: readonly OddCertificate[]) => {
      const issued = await issueOdd(chain);
      const [error, faults] = [opensslError(issued), ownFaults(issued)];
      expect({ error, faults, agree: (error === null) === (faults.length === 0) }).toMatchObject({
        agree: true,
      });
    };
    await fc.assert(fc.asyncProperty(oddChain, agrees), { numRuns: RUNS });
  }, 60_000);
});
