import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  HostFilesValues,
  PlannedAction,
  PlannedChange,
} from "../../../../lib/cli/planned/planned-change";
import { refusalsIn } from "../../../../lib/cli/renew/policy/policy";
import {
  filesUpdate,
  foreign,
  LINK,
  ofRenewedCa,
  onHost,
  PEM,
  pem,
  plan,
  reissued,
  renewedCa,
  renewedFiles,
  SNIPPET,
  text,
  withFile,
  without,
} from "../support/plans";

const problems = (...changes: PlannedChange[]) =>
  refusalsIn(plan({ changes })).map(({ problem, cause }) => `${cause}: ${problem}`);
const withDrift = (change: PlannedChange, deployed = onHost(), changed = ["files", "links"]) =>
  refusalsIn(
    plan({
      changes: [change],
      drift: [{ ...change, before: deployed, after: change.before, changed }],
    }),
  ).map(({ problem, cause }) => `${cause}: ${problem}`);

/** An update of a job on a host. */
const job = (...changed: string[]): PlannedChange => {
  const values = { kind: "host job", host: "mx1", command: ["renewal", "run"], pending: "x" } as const;
  return {
    ...foreign(),
    address: "mailsni_host_job.dehydrated__mx1",
    type: "mailsni_host_job",
    isOurs: true,
    before: values,
    after: { ...values, pending: null },
    changed,
  };
};

/** An update of what is switched off on a host. */
const renewers = (...changed: string[]): PlannedChange => ({
  ...foreign(),
  address: "mailsni_retired_renewers.retired__mx1",
  type: "mailsni_retired_renewers",
  isOurs: true,
  before: null,
  after: null,
  changed,
});

const DIRECTORY = "/etc/dovecot/mail-sni";
const withDirectory = (permissions: string) =>
  onHost({ directories: [DIRECTORY], directoryPermissions: new Map([[DIRECTORY, permissions]]) });

describe("what renew may apply", () => {
  it.each<[string, PlannedChange[]]>([
    ["nothing", []],
    ["an old renewer that runs again", [renewers("places", "pending")]],
    ["a new timer of an old renewer", [renewers("planned_places", "places", "pending")]],
    ["a renewal that is due, with its files", [reissued(), renewedFiles()]],
    ["an optional name that can be validated now", [reissued("optional names"), renewedFiles()]],
    [
      "a certificate of a private CA that is due",
      [reissued("due", { type: "mailsni_private_certificate" }), renewedFiles()],
    ],
    ["a private CA that is due, with its certificates", [renewedCa(), ofRenewedCa(), renewedFiles()]],
    ["something pending", [filesUpdate(onHost({ pending: "x" }), onHost(), { changed: ["pending"] })]],
    ["another PEM", [filesUpdate(onHost(), withFile(onHost(), PEM, pem({ sha256: "c".repeat(64) })))]],
    ["a resource of another provider that stays", [foreign({ action: "no-op", changed: [] })]],
    ["a job that has failed, and runs again", [job("pending", "results", "exit_status", "finished_at")]],
    [
      "what hosts serve",
      [{ ...foreign(), type: "mailsni_served_certificates", isOurs: true, isData: true, action: "read" }],
    ],
  ])("GIVEN %s THEN it is allowed", (_, changes) => {
    expect(refusalsIn(plan({ changes }))).toEqual([]);
  });

  it("GIVEN files, links and directories that are missing on the host THEN they return, whether that is known since the last apply or not", () => {
    const deployed = withDirectory("0755 root root");
    const lost = { ...deployed, missing: new Set([PEM, SNIPPET, LINK, DIRECTORY]) };
    const change = filesUpdate(lost, deployed, { changed: ["missing", "pending"] });
    expect(problems(change)).toEqual([]);
    expect(withDrift(change, deployed, ["missing"])).toEqual([]);
    const renewed = withFile(deployed, PEM, pem({ sha256: null }));
    expect(problems(filesUpdate(lost, renewed, { changed: ["files", "missing", "pending"] }))).toEqual([]);
  });

  it.each<[string, (values: HostFilesValues) => HostFilesValues, string]>([
    [
      "another text",
      (values) => withFile(values, SNIPPET, text({ sha256: "c".repeat(64) })),
      `the text of ${SNIPPET} would change`,
    ],
    [
      "other permissions",
      (values) => withFile(values, PEM, pem({ permissions: "0644 root root" })),
      `permissions or kind of ${PEM} would change`,
    ],
    [
      "another service",
      (values) => withFile(values, PEM, pem({ service: "qmail" })),
      `permissions or kind of ${PEM} would change`,
    ],
    [
      "another target",
      (values) => ({ ...values, links: new Map([[LINK, "elsewhere"]]) }),
      `the target of the link ${LINK} would change`,
    ],
    [
      "other permissions of the directory",
      () => withDirectory("0777 root root"),
      `permissions of the directory ${DIRECTORY} would change`,
    ],
    ["nothing of it", (values) => without(values, PEM), `${PEM} would be removed`],
  ])("GIVEN what is missing WHEN %s would return THEN that was not deployed", (_, changed, problem) => {
    const deployed = withDirectory("0755 root root");
    const lost = { ...deployed, missing: new Set([PEM, SNIPPET, LINK, DIRECTORY]) };
    expect(problems(filesUpdate(lost, changed(deployed)))).toEqual([`undeployed: ${problem}`]);
    // A path is deployed because the state has it, not because something says that it is missing.
    const unknown = { ...without(deployed, PEM), missing: new Set([PEM]) };
    expect(problems(filesUpdate(unknown, deployed))).toEqual([`undeployed: ${PEM} would be added`]);
  });

  it("GIVEN a path at which the host has something else THEN it is drift: an apply would overwrite that", () => {
    const found = withDrift(filesUpdate(without(onHost(), PEM), onHost()));
    const problem = `${PEM} was replaced on the host by something else, which would be overwritten`;
    expect(found).toEqual([`drift: ${problem}`]);
    expect(withDrift(filesUpdate(without(onHost(), LINK), onHost()))).toEqual([
      `drift: the link ${LINK} was replaced on the host by something else, which would be overwritten`,
    ]);
  });

  it.each(["trigger", "command", "result_file", "host"])(
    "GIVEN a job of which the %s has changed THEN it waits for its deploy",
    (name) => {
      expect(problems(job("pending", name))).toEqual([
        `undeployed: a job would run on its host, because its ${name} would change`,
      ]);
    },
  );

  it("GIVEN a job that has run on its host since the last apply THEN that drift is nothing to refuse", () => {
    const run = { ...job("results", "finished_at"), action: "update" as const };
    expect(refusalsIn(plan({ drift: [run] }))).toEqual([]);
  });

  it("GIVEN a host that has lost all files of a resource THEN that is no change that waits for its deploy", () => {
    const change = filesUpdate(onHost(), onHost(), { action: "create", before: null });
    const drift = { ...change, action: "delete" as const, before: onHost(), after: null };
    const found = refusalsIn(plan({ changes: [change], drift: [drift] }));
    expect(found).toMatchObject([
      { problem: "is missing on the host, and would be created again", cause: "drift" },
    ]);
    expect(refusalsIn(plan({ changes: [change] }))).toMatchObject([{ cause: "undeployed" }]);
  });

  it("GIVEN a renewal and a host with another address or other commands THEN it is refused: it would go there", () => {
    const outputs = [
      { name: "mail_sni", action: "update" as const },
      { name: "mail_sni_hosts", action: "update" as const },
    ];
    const changes = [reissued(), renewedFiles()];
    expect(refusalsIn(plan({ changes, outputs, changedHosts: ["mx1"] }))).toEqual([
      {
        address: "output.mail_sni_hosts",
        problem: "the settings of mx1 would change, such as the address, the commands or the default domain",
        cause: "undeployed",
      },
    ]);
    expect(refusalsIn(plan({ changes, outputs }))).toHaveLength(1);
  });

  it("GIVEN an action that the apply runs after a renewal THEN it is refused: the plan does not say what it does", () => {
    const actions = ["action.x_notify.admin"];
    expect(refusalsIn(plan({ changes: [reissued(), renewedFiles()], actions }))).toEqual([
      { address: "action.x_notify.admin", problem: "would be run", cause: "other provider" },
    ]);
  });

  it("GIVEN outputs with other values THEN that is allowed, AND another output is not", () => {
    const outputs = (["no-op", "update", "create", "delete"] as const).map((action) => ({
      name: action,
      action,
    }));
    expect(refusalsIn(plan({ outputs })).map(({ address }) => address)).toEqual([
      "output.create",
      "output.delete",
    ]);
  });
});

describe("what renew refuses", () => {
  it.each<[string, PlannedChange, string]>([
    ["other names", reissued("names"), 'undeployed: would be reissued for the reason "names"'],
    [
      "a reissue without a reason",
      reissued(null),
      "undeployed: would be reissued, and the plan does not say why",
    ],
    [
      "a certificate whose configuration changes as well",
      reissued("due", { changed: ["certificate_pem", "names", "challenge"] }),
      "undeployed: its names, challenge would change",
    ],
    [
      "a key that is encrypted again",
      reissued(null, { unknown: [], changed: ["private_key_pem"] }),
      "undeployed: its private_key_pem would change without a renewal",
    ],
    ["another CA", ofRenewedCa(), "undeployed: its ca_certificate_pem would change"],
    [
      "a private CA with another key",
      renewedCa({ changed: ["certificate_pem", "private_key_pem"] }),
      "undeployed: its private_key_pem would change",
    ],
    [
      "an ACME account",
      renewedCa({ type: "mailsni_acme_account", changed: ["contact"] }),
      "undeployed: would be updated",
    ],
    ["another provider", foreign(), "other provider: would be updated"],
    [
      "another provider's data source",
      foreign({ action: "read", isData: true }),
      "other provider: would be read",
    ],
    ["a move", reissued("due", { movedFrom: "x.y" }), "undeployed: would be moved there from x.y"],
    [
      "a move without a change",
      foreign({ action: "no-op", movedFrom: "x.y" }),
      "undeployed: would be moved there from x.y",
    ],
    ["an import", foreign({ action: "no-op", isImported: true }), "undeployed: would be imported"],
    [
      "a directory that is added",
      filesUpdate(onHost(), withDirectory("0755")),
      `undeployed: the directory ${DIRECTORY} would be added`,
    ],
    [
      "a directory that is removed",
      filesUpdate(withDirectory("0755"), onHost()),
      `undeployed: the directory ${DIRECTORY} would be removed`,
    ],
    [
      "a directory's permissions",
      filesUpdate(withDirectory("0755 root root"), withDirectory("0700 root root")),
      `undeployed: permissions of the directory ${DIRECTORY} would change`,
    ],
    [
      "a file that is added",
      filesUpdate(without(onHost(), PEM), onHost()),
      `undeployed: ${PEM} would be added`,
    ],
    [
      "a file that is removed",
      filesUpdate(onHost(), without(onHost(), PEM)),
      `undeployed: ${PEM} would be removed`,
    ],
    [
      "a text",
      filesUpdate(onHost(), withFile(onHost(), SNIPPET, text({ sha256: "c".repeat(64) }))),
      `undeployed: the text of ${SNIPPET} would change`,
    ],
    [
      "a text that is known after the apply",
      filesUpdate(onHost(), withFile(onHost(), SNIPPET, text({ sha256: null }))),
      `undeployed: the text of ${SNIPPET} would change`,
    ],
    [
      "permissions",
      filesUpdate(onHost(), withFile(onHost(), PEM, pem({ permissions: "0644 root root" }))),
      `undeployed: permissions or kind of ${PEM} would change`,
    ],
    [
      "the target of a link",
      filesUpdate(onHost(), onHost({ links: new Map([[LINK, "../other/servercert.pem"]]) })),
      `undeployed: the target of the link ${LINK} would change`,
    ],
    [
      "a link that is added",
      filesUpdate(without(onHost(), LINK), onHost()),
      `undeployed: the link ${LINK} would be added`,
    ],
    [
      "a link that is removed",
      filesUpdate(onHost(), without(onHost(), LINK)),
      `undeployed: the link ${LINK} would be removed`,
    ],
  ])("GIVEN %s THEN it is refused", (_, change, problem) => {
    expect(problems(change)).toEqual([problem]);
  });

  it.each<[string, PlannedChange, string]>([
    [
      "a text",
      filesUpdate(withFile(onHost(), SNIPPET, text({ sha256: "e".repeat(64) })), onHost()),
      `drift: the text of ${SNIPPET} was changed on the host, and would be overwritten`,
    ],
    [
      "a link",
      filesUpdate(onHost({ links: new Map([[LINK, "elsewhere"]]) }), onHost()),
      `drift: the link ${LINK} was changed on the host, and would be overwritten`,
    ],
    [
      "permissions",
      filesUpdate(withFile(onHost(), PEM, pem({ permissions: "0666 root root" })), onHost()),
      `drift: permissions or kind of ${PEM} would change`,
    ],
  ])("GIVEN %s that was changed on the host THEN it is drift", (_, change, problem) => {
    expect(withDrift(change)).toEqual([problem]);
  });

  it("GIVEN a directory that was changed on the host THEN it is drift", () => {
    const [deployed, edited] = [withDirectory("0755 root root"), withDirectory("0777 root root")];
    expect(withDrift(filesUpdate(edited, deployed), deployed)).toEqual([
      `drift: permissions of the directory ${DIRECTORY} would change`,
    ]);
  });

  it("GIVEN a plan that is not complete THEN it is refused as a whole", () => {
    expect(refusalsIn(plan({ isComplete: false }))).toMatchObject([{ address: null, cause: "incomplete" }]);
  });
});

describe("any change of an allowed plan", () => {
  const allowed = fc.constantFrom(
    reissued(),
    reissued("optional names"),
    renewedFiles(),
    renewedCa(),
    filesUpdate(onHost({ pending: "x" }), onHost(), { changed: ["pending"] }),
  );
  const otherActions: readonly PlannedAction[] = ["create", "replace", "delete", "forget", "read"];
  const mutation = fc.oneof(
    fc.constantFrom(...otherActions).map((action) => ({ action })),
    fc.string({ minLength: 1 }).map((movedFrom) => ({ movedFrom })),
    fc.constantFrom({ isDeposed: true }, { isImported: true }, { isOurs: false }, { isData: true }),
    fc
      .string({ minLength: 1 })
      .filter((type) => !type.startsWith("mailsni_"))
      .map((type) => ({ type })),
    fc.constantFrom(
      ...["mailsni_acme_account", "mailsni_state_identity", "mailsni_served_certificates"].map((type) => ({
        type,
      })),
    ),
  );

  it("THEN is refused, beside whatever else is allowed", () => {
    fc.assert(
      fc.property(allowed, mutation, fc.array(allowed), (change, different, others) => {
        const changes = [...others, { ...change, ...different, address: "changed" }];
        expect(refusalsIn(plan({ changes })).map(({ address }) => address)).toContain("changed");
      }),
    );
  });

  it("THEN a further attribute is refused, whatever its name", () => {
    const outputs = new Set([...reissued().changed, ...renewedFiles().changed, ...renewedCa().changed]);
    const more = ["links", "dns_names", "provable_names", "chain_pem", "serial", "spki_sha256"];
    const known = new Set([...outputs, ...more, "renewal_information_id"]);
    fc.assert(
      fc.property(allowed, fc.string(), (change, name) => {
        fc.pre(!known.has(name));
        expect(problems({ ...change, changed: [...change.changed, name] })).toHaveLength(1);
      }),
    );
  });

  it("THEN a reason other than time and DNS is refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (reason) => {
        fc.pre(reason !== "due" && reason !== "optional names");
        expect(problems(reissued(reason))).toHaveLength(1);
      }),
    );
  });

  it("THEN another set of paths is refused, unless the host lost them", () => {
    const path = fc.string({ minLength: 1 }).map((name) => `/etc/${name}`);
    const file = fc.record({ sha256: fc.constant("f".repeat(64)), isText: fc.boolean() }).map(text);
    fc.assert(
      fc.property(path, file, (added, one) => {
        const more = withFile(onHost(), added, one);
        expect(problems(filesUpdate(onHost(), more))).toHaveLength(1);
        expect(problems(filesUpdate(more, onHost()))).toHaveLength(1);
        const lost = { ...more, missing: new Set([added]) };
        expect(problems(filesUpdate(lost, more, { changed: ["missing", "pending"] }))).toEqual([]);
      }),
    );
  });
});
