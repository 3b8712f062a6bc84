import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../../../lib/cli/errors/cli-error";
import {
  certificateIn,
  type PlannedChange,
  privateCaIn,
  type StackPlan,
} from "../../../lib/cli/planned/planned-change";
import { issue } from "../../support/certificates";
import {
  CERTIFICATE_BEFORE,
  everythingIn,
  FILES_BEFORE,
  MARKER,
  OURS,
  planJson,
  read,
  resource,
  SAMPLE,
} from "./support/plan-json";

const BYTES = Buffer.from(JSON.stringify(SAMPLE));

const only = (plan: StackPlan): PlannedChange => {
  expect(plan.changes).toHaveLength(1);
  return plan.changes[0] as PlannedChange;
};

/** What reading ends in: a plan, or a typed error. */
function outcome(document: Buffer): { readonly plan?: StackPlan; readonly text: string } {
  try {
    const plan = read(document);
    return { plan, text: everythingIn(plan) };
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).code).toMatch(/^CLI_PLAN_(INVALID|UNSUPPORTED)$/);
    return { text: `${error}${(error as Error).stack}` };
  }
}

describe("PlanReader", () => {
  it("GIVEN a job on a host THEN what runs is read, and why, but neither its trigger nor its results", () => {
    const values = { host: "mx1", command: ["renewal", "run"], trigger: MARKER, pending: "it failed" };
    const before = { ...values, results: { a: { message: MARKER } } };
    const job = resource("mailsni_host_job", "dehydrated__mx1", {
      before,
      after: { ...values, pending: undefined, results: undefined },
      after_unknown: { pending: true, results: true },
    });
    const plan = read(planJson([job]));
    const kept = { kind: "host job", host: "mx1", command: ["renewal", "run"] };
    expect(only(plan)).toMatchObject({
      before: { ...kept, pending: "it failed" },
      after: { ...kept, pending: null },
      changed: ["pending", "results"],
    });
    expect(everythingIn(plan)).not.toContain(MARKER);
  });

  it("GIVEN old renewers on a host THEN what is switched off is read", () => {
    const values = { host: "mx1", programs: [MARKER], planned_places: ["a"], places: ["b"], pending: "c" };
    const retired = resource("mailsni_retired_renewers", "retired__mx1", {
      before: values,
      after: { ...values, places: undefined, pending: undefined },
      after_unknown: { pending: true, places: true },
    });
    const plan = read(planJson([retired]));
    const kept = { kind: "retired renewers", host: "mx1", plannedPlaces: ["a"] };
    expect(only(plan)).toMatchObject({
      before: { ...kept, places: ["b"], pending: "c" },
      after: { ...kept, places: null, pending: null },
    });
    expect(everythingIn(plan)).not.toContain(MARKER);
  });

  it("GIVEN host files THEN their names, files, links and directories are read, but no text", () => {
    const { before, after, ...change } = read(SAMPLE).changes[0] as PlannedChange;
    expect(change).toEqual({
      address: "mailsni_host_files.d_a_test__mx1",
      movedFrom: null,
      type: "mailsni_host_files",
      isData: false,
      isOurs: true,
      isDeposed: false,
      isImported: false,
      action: "update",
      reason: null,
      unknown: ["pending"],
      changed: ["files", "pending"],
    });
    expect(before).toEqual({
      kind: "host files",
      host: "mx1",
      role: null,
      names: ["a.test", "www.a.test"],
      files: new Map([
        [
          "/etc/a.conf",
          { sha256: "11", isText: true, service: "dovecot", permissions: "0644", isKept: false },
        ],
        [
          "/etc/a.pem",
          { sha256: "22", isText: false, service: "qmail", permissions: "0640 - vchkpw", isKept: false },
        ],
      ]),
      links: new Map([["/etc/b.pem", "a.pem"]]),
      directories: ["/etc/certs"],
      directoryPermissions: new Map([["/etc/certs", "0755 - vchkpw"]]),
      placeholders: ["/etc/default.pem"],
      pending: null,
      missing: new Set(),
    });
    const pem = { sha256: null, isText: false, service: null, permissions: "0600", isKept: true };
    expect(after).toMatchObject({ files: new Map([["/etc/a.pem", pem]]), pending: null });
  });

  it("GIVEN a certificate THEN its names, dates and reason are read, and what changes", () => {
    expect(read(SAMPLE).changes[1]).toMatchObject({
      before: {
        kind: "certificate",
        names: ["a.test"],
        optionalNames: ["www.a.test"],
        dnsNames: ["a.test", "www.a.test"],
        fingerprintSha256: "ab",
        notAfter: new Date("2027-02-27T11:15:40Z"),
        renewAt: new Date("2027-01-28T11:15:40Z"),
        isDue: true,
        reissueReason: "due",
        issuer: null,
      },
      unknown: ["certificate_pem"],
      changed: ["certificate_pem", "private_key_pem"],
    });
  });

  it("GIVEN a type of another provider, of whatever name THEN no value is kept, but what changes is known", () => {
    expect(read(SAMPLE).changes[3]).toMatchObject({
      type: "mailsni_host_files",
      isOurs: false,
      action: "replace",
      reason: "replace_because_tainted",
      before: null,
      after: null,
      changed: ["names"],
    });
  });

  it("GIVEN a data source, drift and outputs THEN they are read", () => {
    const { changes, drift, outputs, engineVersion, isComplete } = read(SAMPLE);
    expect(changes[4]).toMatchObject({
      isData: true,
      action: "read",
      after: { kind: "served", host: "mx1", status: "asked", mismatches: 2 },
    });
    expect(drift).toMatchObject([{ address: "local_file.x", changed: ["content"], before: null }]);
    expect(outputs).toEqual([{ name: "mail_sni", action: "update" }]);
    expect({ engineVersion, isComplete }).toEqual({ engineVersion: "1.11.4", isComplete: true });
  });

  it("GIVEN hosts with other settings THEN they are known, but not those that come or go", () => {
    const hosts = (before: unknown, after: unknown) =>
      read(planJson([], { output_changes: { mail_sni_hosts: { actions: ["update"], before, after } } }))
        .changedHosts;
    expect(hosts({ mx1: "1", mx2: "2", mx3: "3" }, { mx1: "1", mx2: "0", mx4: "4" })).toEqual(["mx2"]);
    expect(hosts(null, { mx1: "1" })).toEqual([]);
    expect(read(planJson([])).changedHosts).toEqual([]);
  });

  it("GIVEN a private CA and its certificate THEN what a renewal keeps of the CA is read of both", async () => {
    const one = await issue({ subject: "CN=one", ca: true });
    const again = await issue({ subject: "CN=one", ca: true, keys: one.keys });
    const [key, subject] = [
      await issue({ subject: "CN=one", ca: true }),
      await issue({ subject: "CN=two", ca: true, keys: one.keys }),
    ];
    const certificate = (pem: string) =>
      resource("mailsni_private_certificate", "c", { before: { ca_certificate_pem: pem }, after: null });
    const ca = (pem: string) =>
      resource("mailsni_private_ca", "ca", { before: { certificate_pem: pem }, after: null });
    const found = [ca(one.pem), certificate(again.pem), ca(key.pem), certificate(subject.pem), ca("no PEM")];
    const identities = read(planJson(found)).changes.map(
      ({ before }) => privateCaIn(before)?.identity ?? certificateIn(before)?.issuer ?? null,
    );
    expect(identities[1]).toBe(identities[0]);
    expect(new Set(identities).size).toBe(4);
    expect(identities[4]).toBeNull();
  });

  it("GIVEN a configuration THEN of private certificates the references to the CA are read, and no value", () => {
    const references = ["mailsni_private_ca.ca.certificate_pem", "mailsni_private_ca.ca"];
    const expressions = {
      ca_certificate_pem: { references },
      ca_private_key_pem: { constant_value: MARKER, references: [MARKER] },
    };
    const one = (name: string, more: object) => ({
      ...{
        address: `mailsni_private_certificate.${name}`,
        mode: "managed",
        type: "mailsni_private_certificate",
      },
      ...more,
    });
    const resources = [
      one("a", { expressions }),
      one("b", { expressions: { ca_certificate_pem: { constant_value: MARKER } } }),
      one("c", {}),
      { address: "x.y", type: "x", expressions },
    ];
    const plan = read(planJson([], { configuration: { root_module: { resources } } }));
    expect([...plan.caReferences]).toEqual([
      ["mailsni_private_certificate.a", references],
      ["mailsni_private_certificate.b", []],
      ["mailsni_private_certificate.c", []],
    ]);
    expect(everythingIn(plan)).not.toContain(MARKER);
  });

  it("GIVEN actions that the apply runs THEN each address is known once, and no value", () => {
    const action = {
      address: "action.x_notify.admin",
      type: "x_notify",
      name: "admin",
      config_values: { key: MARKER },
    };
    const plan = read(planJson([], { action_invocations: [action, action] }));
    expect(plan.actions).toEqual(["action.x_notify.admin"]);
    expect(everythingIn(plan)).not.toContain(MARKER);
    expect(read(planJson([])).actions).toEqual([]);
  });

  it("GIVEN data sources in the state THEN those that were read are known; of one that the apply reads, the change", () => {
    const state = (name: string, more: object = {}) => ({
      address: `data.mailsni_served_certificates.${name}`,
      mode: "data",
      type: "mailsni_served_certificates",
      provider_name: OURS,
      values: { host: name, status: "asked", mismatch_count: 1, mismatches: [{ message: MARKER }], ...more },
    });
    const resources = [
      state("served__mx1"),
      state("served__mx2"),
      { ...state("foreign"), provider_name: "other" },
      { ...state("managed"), mode: "managed", values: MARKER },
    ];
    const prior_state = { values: { root_module: { resources }, outputs: { key: MARKER } } };
    const { changes } = read({ ...SAMPLE, prior_state });
    expect(changes.slice(4)).toMatchObject([
      { action: "read", after: { host: "mx1", mismatches: 2 } },
      { action: "no-op", isData: true, after: { host: "served__mx2", mismatches: 1 }, changed: [] },
    ]);
    expect(everythingIn(read({ ...SAMPLE, prior_state }))).not.toContain(MARKER);
  });

  it.each<[readonly string[], string]>([
    [["no-op"], "no-op"],
    [["read"], "read"],
    [["create"], "create"],
    [["update"], "update"],
    [["delete"], "delete"],
    [["forget"], "forget"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["forget", "create"], "replace"],
    [["create", "forget"], "replace"],
  ])("GIVEN %j THEN the action is %s", (actions, action) => {
    expect(only(read(planJson([resource("a_b", "c", { actions })]))).action).toBe(action);
  });

  it.each([[["evaporate"]], [["create", "evaporate"]], [[]], [["toString"]]])(
    "GIVEN the actions %j THEN it says to update",
    (actions) => {
      const document = planJson([resource("a_b", "c", { actions })]);
      expect(() => read(document)).toThrow(
        /^The plan of stack mail has an action .* Update .*_UNSUPPORTED\]$/,
      );
    },
  );

  it.each(["2.0", "0.1", "", "1", "1.2.3"])(
    "GIVEN the format %j THEN it says to update",
    (format_version) => {
      expect(() => read(planJson([], { format_version }))).toThrow("has another format than 1");
    },
  );

  it("GIVEN an ephemeral resource THEN it is left out: it is opened in each run, and is in no state", () => {
    const opened = resource("a_b", "c", { actions: ["Open"] }, { mode: "ephemeral" });
    expect(read(planJson([opened])).changes).toEqual([]);
  });

  it("GIVEN a move, an import and a deposed object THEN each is known", () => {
    const change = { actions: ["no-op"], importing: { id: "1" } };
    const more = { previous_address: "a_b.old", deposed: "ab12" };
    expect(only(read(planJson([resource("a_b", "c", change, more)])))).toMatchObject({
      movedFrom: "a_b.old",
      isImported: true,
      isDeposed: true,
    });
  });

  it.each([
    [{ errored: true }, false],
    [{ complete: false }, false],
    [{ complete: true, applyable: false }, true],
  ])("GIVEN %j THEN the plan is complete: %s", (more, isComplete) => {
    expect(read(planJson([], more)).isComplete).toBe(isComplete);
  });

  it("GIVEN neither changes nor whether there were errors, as in a state THEN it is no plan", () => {
    expect(() => read(planJson([], { errored: undefined }))).toThrow("is no plan");
  });

  it("GIVEN no changes at all, as null or left out THEN there are none", () => {
    const more = { resource_changes: null, output_changes: undefined };
    expect(read(planJson([], more))).toMatchObject({ changes: [], outputs: [] });
  });

  it("GIVEN a create THEN what has a value or is unknown changes; an attribute that is null does not", () => {
    const change = { actions: ["create"], after: { a: 1, b: null }, after_unknown: { c: true, d: [false] } };
    expect(only(read(planJson([resource("a_b", "c", change)])))).toMatchObject({
      changed: ["a", "c"],
      unknown: ["c"],
    });
  });

  it("GIVEN members in another order THEN the same is read", () => {
    const turned = (value: unknown): unknown =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value;
    const document = JSON.parse(BYTES.toString());
    document.resource_changes = document.resource_changes.map(turned);
    for (const each of document.resource_changes) each.change = turned(each.change);
    expect(read(turned(document) as never)).toEqual(read(SAMPLE));
  });

  it.each(["type", "provider_name", "before"])("GIVEN %s twice THEN it is refused", (name) => {
    const text = BYTES.toString().replace(`"${name}":`, `"${name}":null,"${name}":`);
    expect(() => read(Buffer.from(text))).toThrow("is the name of a member that is there already");
  });

  it("GIVEN a document with white space THEN the same is read", () => {
    expect(read(Buffer.from(`\n ${JSON.stringify(SAMPLE, null, 2)}\r\n`))).toEqual(read(SAMPLE));
  });

  it("GIVEN pieces of any size THEN the same is read", () => {
    const whole = read(SAMPLE);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: BYTES.length }), (bytes) => {
        expect(read(BYTES, bytes)).toEqual(whole);
      }),
      { numRuns: 60, examples: [[1], [2], [3]] },
    );
  });

  it("GIVEN 5,000 resources THEN all are read", () => {
    const changes = Array.from({ length: 5000 }, (_, index) =>
      resource("mailsni_host_files", `d_${index}`, { before: FILES_BEFORE, after: FILES_BEFORE }),
    );
    const plan = read(planJson(changes), 65_536);
    expect(plan.changes).toHaveLength(5000);
    expect(plan.changes.at(-1)).toMatchObject({ address: "mailsni_host_files.d_4999", changed: [] });
  });
});

describe("PlanReader and keys", () => {
  it("GIVEN keys in every place of a plan THEN none is in what is read", () => {
    expect(BYTES.toString()).toContain(MARKER);
    expect(everythingIn(read(SAMPLE))).not.toContain(MARKER);
  });

  it.each([
    ["mailsni_host_files", FILES_BEFORE, ["host", "role", "names", "files", "links", "pending"]],
    [
      "mailsni_acme_certificate",
      CERTIFICATE_BEFORE,
      Object.keys(CERTIFICATE_BEFORE).filter((name) => !/_pem$|_url$/.test(name)),
    ],
    ["mailsni_private_ca", { private_key_pem: "" }, []],
    ["mailsni_acme_account", { private_key_pem: "" }, []],
  ])(
    "GIVEN %s with a key as any other attribute, even as an object THEN none is read",
    (type, before, allowed) => {
      const attributes = { ...before, new_attribute: "", toString: "" };
      for (const name of Object.keys(attributes).filter((each) => !(allowed as string[]).includes(each))) {
        if (name === "directories" || name === "placeholders") continue;
        for (const planted of [MARKER, { [MARKER]: MARKER }, [MARKER, { a: [MARKER] }]]) {
          const values = { ...attributes, [name]: planted };
          const plan = read(
            planJson([resource(type, "x", { before: values, after: { ...values, more: MARKER } })]),
          );
          expect(everythingIn(plan)).not.toContain(MARKER);
        }
      }
    },
  );

  it("GIVEN a plan that ends after any of its bytes THEN there is a typed error, without a key", () => {
    for (let end = 0; end < BYTES.length; end++) {
      const { plan, text } = outcome(BYTES.subarray(0, end));
      expect(plan).toBeUndefined();
      expect(text).not.toContain(MARKER);
    }
  });

  it("GIVEN another byte in any place THEN there is a typed error or a plan, without a key", () => {
    const bytes = ['"', "\\", "{", "}", "[", "]", ",", ":", "0", " ", "\0"].map((each) => each.charCodeAt(0));
    for (let at = 0; at < BYTES.length; at++) {
      const changed = Buffer.from(BYTES);
      changed[at] = bytes[at % bytes.length] as number;
      expect(outcome(changed).text).not.toContain(MARKER);
    }
  });

  it("GIVEN bytes that are taken out, put in or replaced at random THEN likewise", () => {
    const edit = fc.record({
      at: fc.nat(BYTES.length),
      removed: fc.nat(3),
      added: fc.string({ maxLength: 3, unit: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "a") }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = BYTES.toString();
        for (const { at, removed, added } of edits)
          text = text.slice(0, at) + added + text.slice(at + removed);
        expect(outcome(Buffer.from(text)).text).not.toContain(MARKER);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["no JSON at all", MARKER],
    ["a text", `"${MARKER}"`],
    ["a list", `[${JSON.stringify(SAMPLE)}]`],
    ["a second document", `${JSON.stringify(SAMPLE)}${JSON.stringify(SAMPLE)}`],
    ["nothing", ""],
    ["no format", "{}"],
    ["nesting without end", `{"x":${"[".repeat(100_000)}`],
    ["a list in place of a resource", JSON.stringify(planJson([[MARKER] as never]))],
    ["values that are a text", JSON.stringify(planJson([resource("a_b", "c", { before: MARKER })]))],
    [
      "a key in place of a list of names",
      JSON.stringify(planJson([resource("mailsni_host_files", "c", { before: { names: MARKER } })])),
    ],
    [
      "a key in place of a time",
      JSON.stringify(
        planJson([resource("mailsni_acme_certificate", "c", { before: { not_after: MARKER } })]),
      ),
    ],
    [
      "a time without a zone",
      JSON.stringify(
        planJson([
          resource("mailsni_acme_certificate", "c", { before: { not_after: "2026-12-24T18:00:00" } }),
        ]),
      ),
    ],
    [
      "a key in place of a role",
      JSON.stringify(planJson([resource("mailsni_host_files", "c", { before: { role: MARKER } })])),
    ],
    ["a broken escape", JSON.stringify(SAMPLE).replace('"a.test"', `"\\u${MARKER}"`)],
  ])("GIVEN %s THEN there is a typed error, without a key", (_, text) => {
    const { plan, text: said } = outcome(Buffer.from(text));
    expect(plan).toBeUndefined();
    expect(said).not.toContain(MARKER);
  });
});
