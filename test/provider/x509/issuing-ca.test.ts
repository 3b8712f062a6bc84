import { describe, expect, it } from "vitest";
import { readCaCertificate } from "../../../lib/provider/x509/issuing-ca";
import { issue, withoutDate } from "../../support/certificates";

describe("readCaCertificate", () => {
  it.each(["notBefore", "notAfter"] as const)(
    "GIVEN a CA whose %s is not a date THEN it is refused, since nothing could be issued within its validity",
    async (end) => {
      const ca = await issue({ subject: "CN=CA", ca: true });

      expect(readCaCertificate(ca.pem).problem).toBeUndefined();
      expect(readCaCertificate(withoutDate(ca, end)).problem).toMatchObject({
        code: "CERTIFICATE_UNREADABLE",
        problem: expect.stringContaining("its dates are not dates"),
      });
    },
  );
});
