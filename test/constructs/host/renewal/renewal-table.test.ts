import { Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dovecot, type IMailService, MailProtocol, Qmail, Service } from "../../../../lib";
import { renewalTable, serviceRecords } from "../../../../lib/constructs/host/renewal/renewal-table";
import { tableRecord } from "../../../../lib/constructs/host/renewal/table-record";

/** The fields of each record, as a shell reads them. */
function recordsOf(table: string): string[][] {
  expect(table).toMatch(/\n$/);
  return table
    .slice(0, -1)
    .split("\n")
    .map((line) => line.split("\t"));
}

const head = {
  stateDirectory: "/var/lib/mail-sni",
  workDirectory: "/var/lib/mail-sni/dehydrated",
  timer: { kind: "cron", file: "/etc/cron.d/renewal" },
} as const;

describe("a record of the table", () => {
  it("GIVEN any fields THEN they come back as they were, or are refused", () => {
    const field = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\t", "a\nb", "", "-"),
    );
    fc.assert(
      fc.property(fc.array(fc.option(field, { nil: undefined }), { minLength: 1 }), (fields) => {
        const isSound = fields.every((each) => each === undefined || isField(each));
        if (!isSound) expect(() => tableRecord("it", ...fields)).toThrow(/\[DEHYDRATED_FIELD\]$/);
        else expect(recordsOf(tableRecord("it", ...fields))).toEqual([fields.map((each) => each ?? "-")]);
      }),
      { numRuns: 50 },
    );
  });

  it("GIVEN an expression THEN refused", () => {
    const expression = Token.asString({ resolve: () => "x" });
    expect(() => tableRecord("the service x", "check", expression)).toThrow(/\[DEHYDRATED_NOT_LITERAL\]$/);
  });
});

describe("the table of a host", () => {
  it("begins with its version and the host's directories, its timer, and a hook where there is one", () => {
    expect(recordsOf(renewalTable({ ...head, services: [] }, []))).toEqual([
      ["mail-sni-renewal", "1"],
      ["state", "/var/lib/mail-sni"],
      ["work", "/var/lib/mail-sni/dehydrated"],
      ["timer", "cron", "/etc/cron.d/renewal"],
    ]);
    expect(renewalTable({ ...head, hook: "/opt/dns", services: [] }, [])).toContain("\nhook\t/opt/dns\n");
  });

  it("GIVEN qmail THEN it has the ports with SNI, and no command", () => {
    expect(serviceRecords(Qmail.standard())).toEqual([
      "service\tqmail\n",
      "endpoint\tqmail\t587\tsmtp\t127.0.0.1\n",
      "endpoint\tqmail\t25\tsmtp\t127.0.0.1\n",
    ]);
  });

  it.each([
    [Dovecot.v23(), "first", "-"],
    [Dovecot.v24(), "last", "^dovecot_(config|storage)_version"],
  ] as const)(
    "GIVEN Dovecot THEN it has its commands as lists and its configuration",
    (service, position, start) => {
      const records = recordsOf(serviceRecords(service).join(""));
      const { check, activate, running, chosen } = service.commands;
      expect(records).toContainEqual([
        "config",
        "dovecot",
        "/etc/dovecot/dovecot.conf",
        position,
        "!include {path}",
        start,
      ]);
      expect(records).toContainEqual(["check", "dovecot", ...(check ?? [])]);
      expect(records).toContainEqual(["activate", "dovecot", ...(activate ?? [])]);
      expect(records).toContainEqual(["running", "dovecot", ...(running ?? [])]);
      expect(records).toContainEqual(["chosen", "dovecot", ...(chosen ?? [])]);
    },
  );

  it("GIVEN a command with an empty argument or a line break THEN the service is refused by its name", () => {
    const service = (activate: string[]): IMailService =>
      Service.custom({
        name: "exim",
        pemPath: "/etc/exim4/sni/{name}.pem",
        defaultPemPath: "/etc/exim4/default.pem",
        endpoints: [{ port: 465, protocol: MailProtocol.TLS, address: "192.0.2.1" }],
        commands: { activate, rebuild: ["make"] },
      });
    expect(serviceRecords(service(["reload"]))).toEqual([
      "service\texim\n",
      "build\texim\tmake\n",
      "activate\texim\treload\n",
      "endpoint\texim\t465\ttls\t192.0.2.1\n",
    ]);
    for (const argument of ["", "a\nb", "a\tb"])
      expect(() => serviceRecords(service(["reload", argument]))).toThrow(
        /service exim.*\[DEHYDRATED_FIELD\]$/,
      );
  });
});

function isField(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  return text !== "" && !/[\0-\x1f\x7f]/.test(text) && !Token.isUnresolved(text);
}
