import {
  AzurermBackend,
  GcsBackend,
  HttpBackend,
  LocalBackend,
  PgBackend,
  S3Backend,
  type TerraformBackend,
  type TerraformStack,
} from "cdktf";
import { describe, expect, it } from "vitest";
import { MailHost, MailSni, PrivateCa } from "../../../../lib";
import { testStack } from "../../../support/synthesized";
import { quietServices } from "../support/declare";
import { said } from "../support/said";

const SECRET = "hush-hush";

describe("SNI015: a secret in the block of a backend", () => {
  function errorsOf(declareBackend: (stack: TerraformStack) => TerraformBackend): readonly string[] {
    const stack = testStack();
    declareBackend(stack);
    const sni = new MailSni(stack, "sni", {
      hosts: [MailHost.local(stack, "mx1", { root: "./out/mx1", services: quietServices() })],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "domain1.tld",
    });
    sni.addDomain("domain1.tld");
    return said(stack).errors.filter((message) => message.includes("[SNI015]"));
  }

  it.each<[string, string, string, (stack: TerraformStack) => TerraformBackend]>([
    ["a URL with a password", "conn_str", "PGPASSWORD", pg(`postgres://mail:${SECRET}@db.test/tfstate`)],
    ["a / in the password", "conn_str", "PGPASSWORD", pg(`postgres://mail:1/${SECRET}@db.test/tfstate`)],
    ["a ? in the password", "conn_str", "PGPASSWORD", pg(`postgres://mail:${SECRET}?a@db.test/tfstate`)],
    [
      "a / behind letters of it",
      "conn_str",
      "PGPASSWORD",
      pg(`postgres://mail:a=b/${SECRET}@db.test/tfstate`),
    ],
    ["a # in the password", "conn_str", "PGPASSWORD", pg(`postgres://mail:#${SECRET}@db.test/tfstate`)],
    ["a password in its query", "conn_str", "PGPASSWORD", pg(`postgres://db.test/t?password=${SECRET}`)],
    ["a password among keywords", "conn_str", "PGPASSWORD", pg(`host=db.test password = '${SECRET}'`)],
    ["a passphrase of a key", "conn_str", "PGPASSWORD", pg(`host=db.test sslpassword=${SECRET}`)],
    ["the password of http", "password", "TF_HTTP_PASSWORD", http({ password: SECRET })],
    ["one in its address", "address", "TF_HTTP_PASSWORD", http({ address: `https://u:${SECRET}@s.test/` })],
    [
      "one in the address of its lock",
      "lock_address",
      "TF_HTTP_PASSWORD",
      http({ lockAddress: `https://u:${SECRET}@s.test/` }),
    ],
    ["a secret key of S3", "secret_key", "AWS_SECRET_ACCESS_KEY", s3({ secretKey: SECRET })],
    [
      "a proxy with a password",
      "http_proxy",
      "HTTP_PROXY",
      s3({ httpProxy: `http://u:${SECRET}@proxy.test:3128` }),
    ],
    ["another one", "https_proxy", "HTTPS_PROXY", s3({ httpsProxy: `http://u:${SECRET}@proxy.test:3128` })],
    ["a session token of S3", "token", "AWS_SESSION_TOKEN", s3({ token: SECRET })],
    [
      "a key for encryption in S3",
      "sse_customer_key",
      "AWS_SSE_CUSTOMER_KEY",
      s3({ sseCustomerKey: SECRET }),
    ],
    [
      "the contents of a file of credentials",
      "credentials",
      "GOOGLE_CREDENTIALS",
      (stack) => new GcsBackend(stack, { bucket: "b", credentials: `{"private_key":"${SECRET}"}` }),
    ],
    [
      "the key of a storage account",
      "access_key",
      "ARM_ACCESS_KEY",
      (stack) =>
        new AzurermBackend(stack, {
          storageAccountName: "a",
          containerName: "c",
          key: "k",
          accessKey: SECRET,
        }),
    ],
    [
      "an override",
      "conn_str",
      "PGPASSWORD",
      (stack) => {
        const backend = new PgBackend(stack, { connStr: "" });
        backend.addOverride("conn_str", `postgres://mail:${SECRET}@db.test/tfstate`);
        return backend;
      },
    ],
    [
      "a header, in whatever case",
      "headers.Authorization",
      "TF_HTTP_PASSWORD",
      (stack) => {
        const backend = new HttpBackend(stack, { address: "https://s.test/" });
        backend.addOverride("headers", { authorization: `Bearer ${SECRET}` });
        return backend;
      },
    ],
  ])("GIVEN %s THEN the stack is refused, without a word of the secret", (_, argument, variable, backend) => {
    const errors = errorsOf(backend);

    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`has a secret in ${argument}:`);
    expect(errors[0]).toContain(variable);
    expect(errors.join()).not.toContain(SECRET);
  });

  it.each<[string, (stack: TerraformStack) => TerraformBackend]>([
    ["a database and its user", pg("postgres://mail@db.test:5432/tfstate?sslmode=verify-full")],
    ["keywords without a password", pg("host=db.test user=mail passfile=/etc/pgpass")],
    ["an @ behind the host", pg("postgres://db.test:5432/tfstate?application_name=a@b")],
    ["several hosts", pg("postgres://one.test:5432,two.test:5432/tfstate?application_name=a@b")],
    ["an address and its port", pg("postgres://[2001:db8::1]:5432/tfstate?application_name=a@b")],
    ["no connection at all", pg("")],
    ["a user of http", http({ username: "mail" })],
    ["an @ in the path of http", http({ address: "https://state.test:8443/mail@production" })],
    ["a proxy without a password", s3({ httpProxy: "http://u@proxy.test:3128/" })],
    ["S3 with the name of a key", s3({ accessKey: "AKIA", kmsKeyId: "alias/mail-state" })],
    ["a file of credentials", (stack) => new GcsBackend(stack, { bucket: "b", credentials: "./gcs.json" })],
    ["a local state", (stack) => new LocalBackend(stack, { path: "terraform.tfstate" })],
  ])("GIVEN %s THEN it says nothing", (_, backend) => {
    expect(errorsOf(backend)).toEqual([]);
  });
});

function pg(connStr: string) {
  return (stack: TerraformStack) => new PgBackend(stack, { connStr });
}

function http(more: object) {
  return (stack: TerraformStack) => new HttpBackend(stack, { address: "https://state.test/mail", ...more });
}

function s3(more: object) {
  return (stack: TerraformStack) => new S3Backend(stack, { bucket: "b", key: "k", ...more });
}
