import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { WrongClock } from "../../lib/provider/acme/clock";
import { ACME } from "../../lib/provider/messages/acme";
import { CERTIFICATE } from "../../lib/provider/messages/certificates";
import { HOST } from "../../lib/provider/messages/hosts";
import { PENDING } from "../../lib/provider/messages/pending";
import { DEFAULT_CRITICAL_FRACTION } from "../../lib/provider/resources/acme-certificate/schema";
import { timely } from "../../lib/provider/resources/acme-certificate/suggestion";
import { longestRunIntervalHours, renewalByLifetime } from "../../lib/shared/time/renewal-time";
import { textOf } from "./support/code-blocks";
import { messagesOnPage } from "./support/messages";

const PAGE = textOf("docs/renewal-times.md");
const HOUR_MS = 3_600_000;

describe("docs/renewal-times.md", () => {
  it("THEN the figures of each lifetime are those of the code", () => {
    const rows = [
      ...PAGE.matchAll(/^\| (\d+) h .*?\| ([\d.]+) h \| ([\d.]+) h \| ([\d.]+) h \| (\d+) \|$/gm),
    ];
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      const [hours = 0, ...figures] = row.slice(1).map(Number);
      expect(figures).toEqual(figuresOf(hours));
    }
  });

  it("THEN each message is one of the provider's", () => {
    const messages = [...PAGE.matchAll(/`([^`]*…[^`]*)`/g)].map(([, message = ""]) => message);
    expect(messages.length).toBeGreaterThan(5);
    const ofProvider = messagesOnPage([ACME, CERTIFICATE, HOST, PENDING]);
    expect(messages.filter((message) => !ofProvider.has(message))).toEqual([
      new WrongClock(new Date(0), new Date(0)).message.replace(/(?<= is ).*$/, "…"),
    ]);
  });

  it("THEN each source is there", () => {
    const sources = [...PAGE.matchAll(/`(lib\/[^`]+)`/g)].map(([, path = ""]) => path);
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((path) => !existsSync(resolve(__dirname, "../..", path)))).toEqual([]);
  });
});

/** What the table says of a certificate that is valid for so many hours: hours before its end, and the longest interval. */
function figuresOf(hours: number): number[] {
  const lifetime = { notBefore: new Date(0), notAfter: new Date(hours * HOUR_MS) };
  const left = (time: number) => (+lifetime.notAfter - time) / HOUR_MS;
  const latest = latestTimely(lifetime);
  return [
    left(+renewalByLifetime(lifetime)),
    left(latest),
    Math.round(hours * DEFAULT_CRITICAL_FRACTION * 10) / 10,
    Math.floor(longestRunIntervalHours(hours)),
  ];
}

/** The last whole hour at which a suggestion counts. */
function latestTimely(lifetime: Parameters<typeof timely>[1]): number {
  let time = +lifetime.notAfter;
  while (timely(new Date(time), lifetime) === null) time -= HOUR_MS;
  return time;
}
