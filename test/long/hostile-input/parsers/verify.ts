import { X509Certificate } from "node:crypto";
import { pathExtensions } from "../../../../lib/cli/verify/chain/extensions";
import { nameConstraints } from "../../../../lib/cli/verify/chain/name-constraints";
import {
  comparableName,
  directoryName,
  isWithin,
  mailboxesIn,
} from "../../../../lib/cli/verify/chain/name-forms";
import { pathFaults } from "../../../../lib/cli/verify/chain/path-faults";
import { distributionPoints } from "../../../../lib/cli/verify/revocation/distribution-points";
import { RevocationList, UnusableList } from "../../../../lib/cli/verify/revocation/revocation-list";
import { derValues } from "../../../../lib/shared/der";
import { publishedAt, revocationList } from "../../../cli/verify/support/revocation-lists";
import { issue } from "../../../support/certificates";
import type { Parser } from "./parser";
import { only } from "./refusals";

/** What servers present to `mail-sni verify`, and what their CAs publish. */
export async function verifyParsers(): Promise<Parser[]> {
  const url = "http://ca.test/list";
  const ca = await issue({ subject: "CN=Test CA", ca: true });
  const leaf = await issue({ issuer: ca, dnsNames: ["a.test"], extensions: [publishedAt(url)] });
  const [der, authority] = [leaf, ca].map(({ pem }) => new X509Certificate(pem)) as [
    X509Certificate,
    X509Certificate,
  ];
  return [
    {
      name: "a list of revoked certificates",
      seeds: [await revocationList({ issuer: ca, revoked: [leaf] }), await revocationList({ issuer: ca })],
      throws: only(UnusableList),
      read: (input) => {
        const list = new RevocationList(input);
        const revoked = list.revoked(der);
        list.check(der, authority, url, new Date());
        return revoked;
      },
    },
    {
      name: "a certificate that a server presents",
      seeds: [der.raw, authority.raw],
      // Node.js reads it first.
      throws: (error) => (error as NodeJS.ErrnoException).code?.startsWith("ERR_OSSL") === true,
      read: (input) => {
        const certificate = new X509Certificate(input);
        return [
          pathFaults([certificate, authority]),
          pathFaults([der, certificate]),
          pathExtensions(certificate),
          distributionPoints(certificate),
        ];
      },
      growth: 40,
    },
    {
      name: "names in a certificate, and constraints of names",
      seeds: [
        Buffer.from("30168014300882066120746573743008820661627465737430", "hex"),
        Buffer.from("300e310c300a06035504030c0361206230", "hex").subarray(0, 16),
        Buffer.from("8206612e74657374820474657374", "hex"),
      ],
      throws: only(RangeError),
      read: (input) => {
        const names = derValues(input).map(comparableName);
        const within = names
          .slice(0, 30)
          .map((name) => names.slice(0, 30).map((base) => isWithin(name, base)));
        return [names, within, ...tried(input)];
      },
      repeats: ["\u0030\u0000", "\u0082\u0001a", " ", "\t"],
      growth: 60,
    },
  ];
}

function tried(input: Buffer): unknown[] {
  return [() => nameConstraints(input), () => directoryName(input, "a"), () => mailboxesIn(input)].map(
    (read) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return null;
      }
    },
  );
}
