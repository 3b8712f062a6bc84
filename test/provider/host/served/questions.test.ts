import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ServiceSettings, withoutCommands } from "../../../../lib/provider/host/desired/host-settings";
import type { InstalledCertificate } from "../../../../lib/provider/host/served/installed-certificates";
import { type ServedQuestion, servedQuestions } from "../../../../lib/provider/host/served/questions";

function services(ports: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, ServiceSettings> {
  return new Map(
    Object.entries(ports).map(([name, all]) => {
      const endpoints = all.map((port) => ({ address: "127.0.0.1", port, protocol: "tls" as const }));
      return [name, { ...withoutCommands(name), endpoints }];
    }),
  );
}

const shown = ({ service, serverName, endpoint, fingerprint }: ServedQuestion) =>
  `${service} ${endpoint.port} ${serverName ?? "-"} ${fingerprint}`;

describe("what a host is asked", () => {
  it("GIVEN certificates THEN each name is asked for at each port of its services, the default without a name", () => {
    const certificates: InstalledCertificate[] = [
      { isDefault: true, names: ["d.tld"], leaves: { dovecot: "00" } },
      { isDefault: false, names: ["a.tld", "b.tld"], leaves: { dovecot: "11", qmail: "22" } },
    ];
    const questions = servedQuestions(certificates, services({ dovecot: [143, 993], qmail: [25] }));

    expect(questions.map(shown).sort()).toEqual([
      "dovecot 143 - 00",
      "dovecot 143 a.tld 11",
      "dovecot 143 b.tld 11",
      "dovecot 993 - 00",
      "dovecot 993 a.tld 11",
      "dovecot 993 b.tld 11",
      "qmail 25 a.tld 22",
      "qmail 25 b.tld 22",
    ]);
  });

  it("GIVEN a service that the host no longer has, or that has no ports THEN nothing is asked", () => {
    const certificates = [{ isDefault: false, names: ["a.tld"], leaves: { gone: "1", silent: "1" } }];
    expect(servedQuestions(certificates, services({ silent: [] }))).toEqual([]);
  });

  it("THEN there is each question once, and each certificate is asked for before any other name of one is", () => {
    const certificates = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(certificates, fc.integer({ min: 1, max: 5 }), (counts, ports) => {
        const installed = counts.map((count, at) => ({
          isDefault: false,
          names: Array.from({ length: count }, (_, name) => `n${name}.d${at}.tld`),
          leaves: { dovecot: `${at}` },
        }));
        const questions = servedQuestions(
          installed,
          services({ dovecot: Array.from({ length: ports }, (_, at) => 1000 + at) }),
        );
        const total = counts.reduce((one, other) => one + other, 0);
        expect(new Set(questions.map(shown)).size).toBe(total * ports);
        expect(questions).toHaveLength(total * ports);
        expect(new Set(questions.slice(0, counts.length).map(({ fingerprint }) => fingerprint)).size).toBe(
          counts.length,
        );
        expect(new Set(questions.slice(0, total).map(({ serverName }) => serverName)).size).toBe(total);
      }),
    );
  });
});
