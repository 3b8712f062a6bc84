import { execFile } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { presentedCertificate } from "../../../lib/shared/tls/handshake";
import { combinedPem, type IssuedCertificate, issue, rsaKeys } from "../certificates";
import { describeIf, openssl, root } from "../requirements";
import { askOnTheWire, smtpDialogue, type WireQuestion } from "../wire-client";
import { type QmailOptions, QmailServer } from "./server";
import { spawnQmail } from "./spawn";

/** The tables of `facts/qmail.md`, row by row. */

const UNRECOGNIZED_NAME = 112;
const HANDSHAKE_FAILURE = 40;

let ca: IssuedCertificate;
let domain1: IssuedCertificate;
let domain2: IssuedCertificate;
let other: IssuedCertificate;

beforeAll(async () => {
  ca = await issue({ subject: "CN=CA", ca: true });
  domain1 = await issue({ subject: "CN=domain1.tld", issuer: ca, dnsNames: ["domain1.tld"] });
  const names = ["domain2.tld", "imap.domain2.tld", "pop3.domain2.tld", "smtp.domain2.tld"];
  domain2 = await issue({ subject: "CN=domain2.tld", issuer: ca, dnsNames: names });
  other = await issue({ subject: "CN=other.tld", issuer: ca });
});

let directory: string;
let running: { stop(): Promise<void> }[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-qmail-"));
  chmodSync(directory, 0o755);
  running = [];
  mkdirSync(path("control/servercerts"), { recursive: true });
  put("control/servercert.pem", combinedPem(domain1, ca));
  put("control/servercerts/domain2.tld/servercert.pem", combinedPem(domain2, ca));
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

const path = (name: string) => join(directory, name);

function put(name: string, content: string | Buffer): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), content);
}

async function start(options: Partial<QmailOptions> = {}): Promise<number> {
  const server = await QmailServer.start({ directory, ...options });
  running.push(server);
  return server.port;
}

/** The subjects that are presented, leaf first; or the number of the alert; or what is said in clear. */
async function presented(port: number, serverName?: WireQuestion["serverName"], startTls = true) {
  const { certificates, alert, inClear } = await askOnTheWire({ port, serverName, startTls });
  if (alert !== null) return alert;
  return certificates.length > 0 ? certificates.map(({ subject }) => subject.replace("CN=", "")) : inClear;
}

const DEFAULT = ["domain1.tld", "CA"];
const DOMAIN2 = ["domain2.tld", "CA"];

describe("the certificate for a name", () => {
  it.each<[shown: string, name: string | undefined, expected: string[]]>([
    ["domain2.tld", "domain2.tld", DOMAIN2],
    ["smtp.domain2.tld without an entry of its own", "smtp.domain2.tld", DEFAULT],
    ["imap.domain2.tld without an entry of its own", "imap.domain2.tld", DEFAULT],
    ["DOMAIN2.TLD", "DOMAIN2.TLD", DEFAULT],
    ["Domain2.tld", "Domain2.tld", DEFAULT],
    ["domain2.tld.", "domain2.tld.", DEFAULT],
    ["unknown.tld", "unknown.tld", DEFAULT],
    ["no SNI", undefined, DEFAULT],
    ["an empty SNI", "", DEFAULT],
    ["../../x", "../../x", DEFAULT],
    ["../servercerts/domain2.tld, where a file is", "../servercerts/domain2.tld", DEFAULT],
  ])("%s", async (_, name, expected) => {
    expect(await presented(await start(), name)).toEqual(expected);
  });

  it("a name that is not ASCII is looked up byte by byte", async () => {
    put("control/servercerts/münchen.tld/servercert.pem", combinedPem(other, ca));
    expect(await presented(await start(), "münchen.tld")).toEqual(["other.tld", "CA"]);
  });
});

describe("what is on disk", () => {
  it.each<[shown: string, name: string, lay: () => void, expected: string[] | number]>([
    [
      "a directory link smtp.domain2.tld -> domain2.tld",
      "smtp.domain2.tld",
      () => symlinkSync("domain2.tld", path("control/servercerts/smtp.domain2.tld")),
      DOMAIN2,
    ],
    ["a linked servercert.pem", "smtp.domain2.tld", () => link("smtp.domain2.tld", "domain2.tld"), DOMAIN2],
    ["a dangling link", "smtp.domain2.tld", () => link("smtp.domain2.tld", "nowhere.tld"), DEFAULT],
    ["an empty directory", "empty.tld", () => mkdirSync(path("control/servercerts/empty.tld")), DEFAULT],
    ["a directory *.wild.tld, for a.wild.tld", "a.wild.tld", () => enter("*.wild.tld"), DEFAULT],
    ["a directory UPPER.tld, for upper.tld", "upper.tld", () => enter("UPPER.tld"), DEFAULT],
    ["an A-label, for itself", "xn--mnchen-3ya.tld", () => enter("xn--mnchen-3ya.tld"), ["other.tld", "CA"]],
  ])("%s", async (_, name, lay, expected) => {
    lay();
    expect(await presented(await start(), name)).toEqual(expected);
  });

  function enter(name: string): void {
    put(`control/servercerts/${name}/servercert.pem`, combinedPem(other, ca));
  }

  function link(name: string, target: string): void {
    mkdirSync(path(`control/servercerts/${name}`));
    symlinkSync(`../${target}/servercert.pem`, path(`control/servercerts/${name}/servercert.pem`));
  }
});

describe("the content of servercert.pem", () => {
  const OTHER = ["other.tld", "CA"];
  const file = "control/servercerts/other.tld/servercert.pem";
  const withoutFinalNewline = (pem: string) => pem.trimEnd();
  const encrypted = () =>
    createPrivateKey(other.keyPem)
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
      .toString();

  it.each<[shown: string, content: () => string | Buffer, expected: string[] | number]>([
    ["key, leaf, chain", () => other.keyPem + other.pem + ca.pem, OTHER],
    ["leaf, chain, key", () => other.pem + ca.pem + other.keyPem, OTHER],
    ["leaf, key, chain", () => other.pem + other.keyPem + ca.pem, OTHER],
    ["CR LF", () => combinedPem(other, ca).replaceAll("\n", "\r\n"), OTHER],
    ["a byte order mark", () => `\uFEFF${combinedPem(other, ca)}`, OTHER],
    ["key and leaf: no chain is sent", () => other.keyPem + other.pem, ["other.tld"]],
    ["key, chain, leaf", () => other.keyPem + ca.pem + other.pem, UNRECOGNIZED_NAME],
    ["key only", () => other.keyPem, UNRECOGNIZED_NAME],
    ["certificate only", () => other.pem, UNRECOGNIZED_NAME],
    ["garbage", () => "garbage\n", UNRECOGNIZED_NAME],
    ["an empty file", () => "", UNRECOGNIZED_NAME],
    ["an encrypted key", () => encrypted() + other.pem + ca.pem, UNRECOGNIZED_NAME],
    ["another's key", () => domain2.keyPem + other.pem + ca.pem, UNRECOGNIZED_NAME],
    [
      "no newline between key and leaf",
      () => withoutFinalNewline(other.keyPem) + other.pem + ca.pem,
      UNRECOGNIZED_NAME,
    ],
    [
      "no newline between leaf and chain",
      () => other.keyPem + withoutFinalNewline(other.pem) + ca.pem,
      UNRECOGNIZED_NAME,
    ],
  ])("%s", async (_, content, expected) => {
    put(file, content());
    expect(await presented(await start(), "other.tld")).toEqual(expected);
  });

  it("a directory of that name is fatal", async () => {
    mkdirSync(path(file), { recursive: true });
    expect(await presented(await start(), "other.tld")).toBe(UNRECOGNIZED_NAME);
  });

  it("an RSA key with an EC leaf is fatal in another way", async () => {
    const rsa = await issue({ keys: await rsaKeys() });
    put(file, rsa.keyPem + other.pem + ca.pem);
    expect(await presented(await start(), "other.tld")).toBe(HANDSHAKE_FAILURE);
  });

  it("an RSA and an EC pair in one file: the second is sent as chain of the first", async () => {
    const rsa = await issue({ subject: "CN=rsa.tld", issuer: ca, keys: await rsaKeys() });
    put(file, rsa.keyPem + rsa.pem + other.keyPem + other.pem);
    expect(await presented(await start(), "other.tld")).toEqual(["rsa.tld", "other.tld"]);
  });
});

describe("the default certificate", () => {
  it("GIVEN no certificate THEN STARTTLS is not offered, and is refused", async () => {
    unlinkSync(path("control/servercert.pem"));
    const [, ehlo, startTls] = await smtpDialogue(await start(), ["EHLO me", "STARTTLS"]);
    expect(ehlo).not.toContain("STARTTLS");
    expect(startTls).toContain("454 TLS unable to initialize");
  });

  it("GIVEN one that cannot be loaded THEN TLS is refused for every domain, and the session goes on", async () => {
    put("control/servercert.pem", "");
    const port = await start();
    expect(await presented(port, "domain2.tld")).toContain("454 TLS unable to initialize");
    const [, startTls, noop] = await smtpDialogue(port, ["STARTTLS", "NOOP"]);
    expect(startTls).toContain("454 TLS unable to initialize");
    expect(noop).toBe("250 ok\r\n");
  });

  it("GIVEN port 465 and one that cannot be loaded THEN it says so in clear and closes", async () => {
    put("control/servercert.pem", "");
    const port = await start({ mode: "smtps" });
    expect(await presented(port, "domain2.tld", false)).toContain("454 TLS unable to initialize");
  });
});

describe("files", () => {
  it("WHEN they change THEN the next connection is served the new ones", async () => {
    const port = await start();
    put("control/servercerts/domain2.tld/servercert.pem", combinedPem(other, ca));
    put("control/servercert.pem", combinedPem(domain2, ca));
    expect(await presented(port, "domain2.tld")).toEqual(["other.tld", "CA"]);
    expect(await presented(port)).toEqual(DOMAIN2);
  });
});

describe("port 465", () => {
  it("GIVEN tcpserver with SMTPS=1 THEN SNI works", async () => {
    const port = await start({ mode: "smtps" });
    expect(await presented(port, "domain2.tld", false)).toEqual(DOMAIN2);
    expect(await presented(port, "unknown.tld", false)).toEqual(DEFAULT);
  });

  it("GIVEN sslserver THEN servercerts/ is ignored, and the certificate is the one of the start", async () => {
    const port = await start({ mode: "sslserver" });
    put("control/servercert.pem", combinedPem(other, ca));
    expect(await presented(port, "domain2.tld", false)).toEqual(DEFAULT);
  });
});

describe("a whole session", () => {
  const session = (name: string) => ["-servername", name, "-crlf", "-quiet", "-ign_eof"];

  it.each([
    ["domain2.tld", "domain2.tld"],
    ["unknown.tld", "mx.test"],
  ])("GIVEN the SNI %s THEN after TLS the server calls itself %s", async (sni, itself) => {
    const port = await start({ mode: "smtps" });
    const said = await openSsl(port, session(sni), "EHLO me\nQUIT\n");
    expect(said).toContain(`220 ${itself} ESMTP`);
    expect(said).toContain(`250-${itself}`);
    expect(said).not.toContain("STARTTLS");
    expect(said).toContain(`221 ${itself}`);
  });

  it("GIVEN STARTTLS and TLS 1.3 THEN it is a session like any other", async () => {
    const port = await start();
    const said = await openSsl(
      port,
      ["-starttls", "smtp", "-tls1_3", ...session("domain2.tld")],
      "EHLO me\nQUIT\n",
    );
    expect(said).toContain("250-domain2.tld");
    expect(said).toContain("221 domain2.tld");
  });

  it("GIVEN our own client THEN it sees what is on the wire, alert 112 included", async () => {
    put("control/servercerts/broken.tld/servercert.pem", "");
    const endpoint = { host: "127.0.0.1", port: await start() };
    const ask = (serverName: string) =>
      presentedCertificate({ endpoint, protocol: "smtp", serverName, deadlineMs: 5000 });
    expect((await ask("domain2.tld")).leaf.fingerprintSha256).toBe(domain2.fingerprint);
    expect((await ask("DOMAIN2.tld")).leaf.fingerprintSha256).toBe(domain1.fingerprint);
    await expect(ask("broken.tld")).rejects.toMatchObject({ alert: { number: UNRECOGNIZED_NAME } });
  });

  it("GIVEN a fatal alert THEN its words follow in clear, and the connection ends", async () => {
    put("control/servercerts/broken.tld/servercert.pem", "");
    const { alert, inClear } = await askOnTheWire({ port: await start(), serverName: "broken.tld" });
    expect(alert).toBe(UNRECOGNIZED_NAME);
    expect(inClear).toMatch(/^454 TLS connection failed: .*\r\n$/);
  });

  it("GIVEN commands sent behind STARTTLS in clear THEN they are not obeyed", async () => {
    const question = { port: await start(), serverName: "domain2.tld", behindStartTls: "NOOP\r\n" };
    const { certificates, inClear } = await askOnTheWire(question);
    expect(certificates[0]?.subject).toBe("CN=domain2.tld");
    expect(inClear).toBe("");
  });

  it("GIVEN a greet delay THEN nothing is said before", async () => {
    const endpoint = { host: "127.0.0.1", port: await start({ greetDelaySeconds: 3600 }) };
    await expect(presentedCertificate({ endpoint, protocol: "smtp", deadlineMs: 100 })).rejects.toMatchObject(
      {
        failure: "timeout",
        phase: "greeting",
      },
    );
  });
});

describeIf(openssl, "OpenSSL's own client", () => {
  it("GIVEN a broken certificate THEN it names alert 112", async () => {
    put("control/servercerts/broken.tld/servercert.pem", "");
    const said = await openSsl(await start(), ["-starttls", "smtp", "-servername", "broken.tld"], "");
    expect(said).toContain("SSL alert number 112");
  });
});

describeIf(root, "ownership and mode, with a server that runs as 89:89", () => {
  const vpopmail = { uid: 89, gid: 89 };
  const file = "control/servercerts/domain2.tld/servercert.pem";
  const fqdn = "control/servercerts/domain2.tld";

  const own = (name: string, uid: number, gid: number, mode: number) => {
    chmodSync(path(name), mode);
    chownSync(path(name), uid, gid);
  };

  it.each<[shown: string, lay: () => void, expected: string[] | number]>([
    ["file 0640 vpopmail:vchkpw", () => own(file, 89, 89, 0o640), DOMAIN2],
    ["file 0640 root:vchkpw", () => own(file, 0, 89, 0o640), DOMAIN2],
    ["file 0600 root:root in a searchable directory", () => own(file, 0, 0, 0o600), UNRECOGNIZED_NAME],
    ["file 0640 root:root in a searchable directory", () => own(file, 0, 0, 0o640), UNRECOGNIZED_NAME],
    ["<FQDN> directory 0711", () => own(fqdn, 0, 0, 0o711), DOMAIN2],
    ["<FQDN> directory 0751", () => own(fqdn, 0, 0, 0o751), DOMAIN2],
    ["<FQDN> directory root 0700", () => own(fqdn, 0, 0, 0o700), DEFAULT],
    [
      "a link into a directory of root 0700",
      () => {
        mkdirSync(path("private"), { mode: 0o700 });
        put("private/servercert.pem", combinedPem(domain2, ca));
        rmSync(path(fqdn), { recursive: true });
        symlinkSync("../../private", path(fqdn));
      },
      DEFAULT,
    ],
    ["servercerts/ root 0700", () => own("control/servercerts", 0, 0, 0o700), DEFAULT],
  ])("%s", async (_, lay, expected) => {
    lay();
    const server = await spawnQmail({ directory, owner: vpopmail });
    running.push(server);
    expect(await presented(server.port, "domain2.tld")).toEqual(expected);
  });
});

async function openSsl(port: number, args: readonly string[], input: string): Promise<string> {
  const running = promisify(execFile)("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...args]);
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running.catch((failed: { stdout: string; stderr: string }) => failed);
  return stdout + stderr;
}
