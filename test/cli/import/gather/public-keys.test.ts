import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { HostLook } from "../../../../lib/cli/import/gather/host-look";
import { publicKeysIn } from "../../../../lib/cli/import/gather/public-keys";
import { certificateFacts } from "../../../../lib/shared/certificate-facts";
import { issue } from "../../../support/certificates";

const HOST = new HostLook(undefined as never, "/");
const read = (text: string) => publicKeysIn(text.split("\n"), HOST);

it.each(["ec", "rsa"])(
  "GIVEN the public key of an %s key THEN its hash is that in the certificate",
  async (type) => {
    const { privateKey } =
      type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-384" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { pem } = await issue({ dnsNames: ["a.tld"], foreignKey: privateKey });
    const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
    const { spkiSha256 } = certificateFacts(new X509Certificate(pem), pem);
    expect([...read(`F\t/a\n${publicKey}\nF\t/none\n\nU\t/closed\n`)]).toEqual([["/a", spkiSha256]]);
  },
);

it("GIVEN texts that are no keys, as many as a host can print THEN they are left out", () => {
  const texts = [
    "-----",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\n$\n-----END PUBLIC KEY-----",
  ];
  expect(read(texts.map((text) => `F\t/a\n${text}\n`.repeat(30_000)).join("")).size).toBe(0);
});
