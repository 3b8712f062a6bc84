import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { inspectCombinedPem } from "../../../lib/shared/combined-pem";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";
import type { Requirement } from "../../support/machine";
import { OddPems, oddPems } from "../../support/odd-pems";
import { describeIf, openssl } from "../../support/requirements";

/** A server that was given a PEM for each name, and another one for all other clients. */
export interface OddServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface OddServerOptions {
  readonly title: string;
  readonly requirement: Requirement;
  /** Whether its OpenSSL takes a weak signature (since 3.5), which other hosts and the clients do not. @default false */
  readonly takesWeakSignatures?: boolean;
  /** @param pems by the name that they are presented for */
  start(pems: Readonly<Record<string, string>>, defaultPem: string): Promise<OddServer>;
}

/** What a real server does with a PEM is what the library says of it before it is installed. */
export function oddPemScenarios({
  title,
  requirement,
  takesWeakSignatures = false,
  start,
}: OddServerOptions): void {
  describeIf([requirement, openssl], title, () => {
    let odd: OddPems;
    let pems: Readonly<Record<string, string>>;
    let server: OddServer;
    beforeAll(async () => {
      odd = new OddPems();
      pems = Object.fromEntries(Object.entries(oddPems(odd)).map(([name, pem]) => [`${name}.test`, pem]));
      server = await start(pems, pems["good.test"] as string);
    });
    afterAll(async () => {
      await server?.stop();
      odd?.remove();
    });

    it("GIVEN odd PEMs THEN exactly those that it cannot present are refused", async () => {
      const presented: Record<string, boolean> = {};
      const accepted: Record<string, boolean> = {};
      for (const [name, pem] of Object.entries(pems)) {
        if (takesWeakSignatures && isWeaklySigned(pem)) continue;
        presented[name] = await presents(server.port, name, pem);
        accepted[name] = inspectCombinedPem(pem, { names: [], at: new Date() }).ok;
      }
      expect(Object.values(presented)).toEqual(expect.arrayContaining([true, false]));
      expect(accepted).toEqual(presented);
    });

    it("GIVEN one that OpenSSL refuses as the default THEN every other name is lost as well", async () => {
      const good = { "good.test": pems["good.test"] as string };
      const broken = await start(good, pems["rsa1024-leaf.test"] as string);
      onTestFinished(() => broken.stop());
      expect(await presents(server.port, "good.test", good["good.test"])).toBe(true);
      expect(await presents(broken.port, "good.test", good["good.test"])).toBe(false);
    });
  });
}

function isWeaklySigned(pem: string): boolean {
  const inspection = inspectCombinedPem(pem, { names: [], at: new Date() });
  return !inspection.ok && inspection.problems.some(({ code }) => code === "SIGNATURE_WEAK");
}

async function presents(port: number, serverName: string, pem: string): Promise<boolean> {
  try {
    const endpoint = { host: "127.0.0.1", port };
    const { leaf } = await presentedCertificate({
      endpoint,
      protocol: "tls",
      serverName,
      deadlineMs: 10_000,
    });
    return pem.includes(leaf.pem);
  } catch (error) {
    if (error instanceof HandshakeError) return false;
    throw error;
  }
}
