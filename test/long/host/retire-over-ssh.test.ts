import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { engineOfSuites, openTofu } from "../../e2e/served/engine-choice";
import { OLD, PLANNED_PLACES, plantRenewers, TABLE } from "../../provider/host/support/old-renewers";
import { builtProvider } from "../../support/built-provider";
import {
  type Engine,
  runEngine,
  startEngine,
  temporaryDirectory,
  vendorProvider,
} from "../../support/engine";
import { fileTree } from "../../support/file-tree";
import { Pebble } from "../../support/pebble";
import { killAll, providersIn } from "../../support/processes";
import { describeIf, pebble as pebbleIsThere, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

type Json = Readonly<Record<string, unknown>>;

const NAMES = ["a.test", "imap.a.test"];
const PEM = "/etc/served/pems/a.test.pem";
const RETIRED = "mailsni_retired_renewers.retired__mx1";

/** A stack in a directory of its own. */
class Stack {
  static async create(engine: Engine): Promise<Stack> {
    const { path, remove } = await temporaryDirectory();
    return new Stack(engine, path, remove);
  }

  private constructor(
    private readonly engine: Engine,
    readonly path: string,
    readonly remove: () => void,
  ) {}

  async declare(configuration: Json): Promise<void> {
    const provider = await builtProvider();
    const isNew = !existsSync(this.#file("main.tf.json"));
    const required = {
      required_providers: { mailsni: { source: provider.address, version: provider.version } },
    };
    writeFileSync(this.#file("main.tf.json"), JSON.stringify({ terraform: required, ...configuration }));
    if (!isNew) return;
    vendorProvider(this.path, provider);
    await this.mustRun("init");
  }

  run(...args: string[]) {
    return runEngine(this.engine, this.path, args);
  }

  async mustRun(...args: string[]): Promise<string> {
    const { exitCode, output } = await this.run(...args);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    return output;
  }

  /** Begins an apply, and ends the engine and its provider at once when something has come. */
  async killApply(when: Promise<void>): Promise<void> {
    const { process, finished } = startEngine(this.engine, this.path, ["apply", "-auto-approve"]);
    await Promise.race([when, finished.then(({ output }) => expect.unreachable(output))]);
    process.kill("SIGKILL");
    killAll(providersIn(this.path));
    await finished;
  }

  /** What the saved plan says of a resource after the apply. */
  async plannedIn(plan: string, address: string): Promise<Json | undefined> {
    const { resource_changes: changes } = JSON.parse(await this.mustRun("show", "-json", plan));
    return changes.find((one: Json) => one.address === address)?.change.after;
  }

  attributes(type: string): Json | undefined {
    const path = this.#file("terraform.tfstate");
    // OpenTofu begins with an empty one.
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (text === "") return undefined;
    const { resources } = JSON.parse(text);
    return resources.find((one: Json) => one.type === type && one.mode === "managed")?.instances[0]
      ?.attributes;
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

for (const choice of [engineOfSuites, openTofu]) {
  const title = choice === openTofu ? "OpenTofu" : "the usual engine";
  describeIf(
    [choice.requirement, pebbleIsThere, sshd],
    `an old server that ${title} takes over by ssh`,
    () => {
      let pebble: Pebble;
      let far: SshStandIn;
      let stack: Stack;
      /** Where the old client has left its account and its certificate. */
      let left: string;
      let before: Record<string, string>;

      beforeAll(async () => {
        pebble = await Pebble.start({ badNonces: 0 });
        left = mkdtempSync(join(tmpdir(), "mail-sni-left-"));
        const old = await Stack.create(choice.get());
        await old.declare({
          provider: { mailsni: { stack: "old", hosts: { web: { root: dirname(pebble.web.directory) } } } },
          resource: issuance(`/${basename(pebble.web.directory)}`),
        });
        await old.mustRun("apply", "-auto-approve");
        const certificate = old.attributes("mailsni_acme_certificate");
        const account = old.attributes("mailsni_acme_account");
        keep("account.pem", `${account?.private_key_pem}`);
        keep("chain.pem", `${certificate?.certificate_pem}${certificate?.chain_pem}`);
        keep("key.pem", `${certificate?.private_key_pem}`);
        old.remove();
      });
      beforeEach(async () => {
        far = await SshStandIn.start();
        plantRenewers(host);
        before = tree();
        stack = await Stack.create(choice.get());
        pebble.forgetRequests();
      });
      afterEach(async () => {
        await far?.stop();
        stack?.remove();
      });
      afterAll(async () => {
        await pebble?.stop();
        if (left !== undefined) rmSync(left, { recursive: true });
      });

      const at = (path: string) => far.server.path(path);
      const host = {
        at,
        write(path: string, text: string, mode = 0o644) {
          mkdirSync(dirname(at(path)), { recursive: true });
          writeFileSync(at(path), text, { mode });
        },
        link(path: string, target: string) {
          mkdirSync(dirname(at(path)), { recursive: true });
          symlinkSync(target, at(path));
        },
      };
      const tree = () => fileTree(far.server.root, ["/var/lib/mail-sni", "/var/lib", "/etc/served"]);
      const orders = () => pebble.requests.get("POST /order-plz") ?? 0;
      function keep(name: string, text: string): void {
        writeFileSync(join(left, name), text);
        chmodSync(join(left, name), 0o600);
      }

      function issuance(
        webroot: string,
        adopted: { readonly account?: Json; readonly certificate?: Json } = {},
      ): Json {
        const ca = { directory_url: pebble.directoryUrl, directory_ca_pem: pebble.directoryCaPem };
        return {
          mailsni_acme_account: { le: { ...ca, terms_of_service_agreed: true, ...adopted.account } },
          mailsni_acme_certificate: {
            a: {
              ...ca,
              account_url: "${mailsni_acme_account.le.url}",
              account_key_pem: "${mailsni_acme_account.le.private_key_pem}",
              names: NAMES,
              challenge: { webroot, dns_servers: [pebble.dnsServer] },
              ...adopted.certificate,
            },
          },
        };
      }

      /** What the constructs declare, in short. */
      function takingOver(): Json {
        const values = {
          host: "mx1",
          programs: ["acme.sh", "certbot", "dehydrated", "lego"],
          hooks: [OLD.hook],
        };
        const certificate = "mailsni_acme_certificate.a";
        return {
          provider: { mailsni: { stack: "new", hosts: { mx1: far.host } } },
          data: { mailsni_renewers: { retired__mx1: values } },
          resource: {
            ...issuance("/srv/web", {
              account: { adopt_key_file: join(left, "account.pem") },
              certificate: {
                adopt_certificate_file: join(left, "chain.pem"),
                adopt_private_key_file: join(left, "key.pem"),
              },
            }),
            mailsni_retired_renewers: {
              retired__mx1: { ...values, planned_places: "${data.mailsni_renewers.retired__mx1.places}" },
            },
            mailsni_host_files: {
              base__mx1: {
                host: "mx1",
                role: "base",
                directories: { [dirname(PEM)]: {} },
                depends_on: [RETIRED],
              },
              d_a_test__mx1: {
                host: "mx1",
                files: { [PEM]: { mode: "0600" } },
                secrets: {
                  [PEM]: `\${${certificate}.private_key_pem}\${${certificate}.certificate_pem}\${${certificate}.chain_pem}`,
                },
                depends_on: ["mailsni_host_files.base__mx1"],
              },
            },
          },
        };
      }

      it("WHEN planned, deployed and destroyed THEN the plan names what is switched off, nothing is ordered, and all runs again", async () => {
        await stack.declare(takingOver());
        await stack.mustRun("plan", "-out=plan");
        expect(await stack.plannedIn("plan", RETIRED)).toMatchObject({ planned_places: PLANNED_PLACES });
        expect(tree()).toEqual(before);
        await stack.mustRun("apply", "plan");
        expect(orders()).toBe(0);
        expect(stack.attributes("mailsni_retired_renewers")).toMatchObject({
          pending: null,
          planned_places: PLANNED_PLACES,
        });
        expect(far.server.read(OLD.table)).toBe(TABLE.replace("17 3", "#mail-sni-retired dehydrated# 17 3"));
        const chain = readFileSync(join(left, "chain.pem"), "utf8");
        expect(far.server.read(PEM)).toContain(chain.slice(0, chain.indexOf("-----END")));
        await stack.mustRun("plan", "-detailed-exitcode");
        await stack.mustRun("destroy", "-auto-approve");
        expect(tree()).toEqual(before);
      });

      it("GIVEN a host that has changed since the plan WHEN applied THEN it asks for another plan, and nothing is changed", async () => {
        await stack.declare(takingOver());
        await stack.mustRun("plan", "-out=plan");
        host.write("/etc/cron.d/more", "1 1 * * * root certbot renew\n");
        const changed = tree();
        const { exitCode, output } = await stack.run("apply", "plan");
        expect(exitCode).toBe(1);
        expect(output).toContain('The renewers on host "mx1" have changed since the plan');
        expect(output.replace(/[\s│╷╵]+/g, " ")).toContain("/etc/cron.d/more: a mark in front of the line");
        expect(output).not.toMatch(/bug in the provider|inconsistent/i);
        expect(tree()).toEqual(changed);
        await stack.mustRun("apply", "-auto-approve");
        expect(far.server.read("/etc/cron.d/more")).toContain("#mail-sni-retired certbot#");
      });

      it.each(["mv", "chmod"])(
        "GIVEN a first apply that is killed at %s THEN the next one takes over what it has left, and a destroy brings all back",
        async (program) => {
          await stack.declare(takingOver());
          // After the record of who wants it off.
          far.before(program, `case $* in *retired-by) ;; *${basename(OLD.table)}|a-x*) ${far.hold} ;; esac`);
          await stack.killApply(far.holding());
          far.behave();
          await far.left();
          expect(stack.attributes("mailsni_retired_renewers")).toBeUndefined();
          expect(readFileSync(at("/var/lib/mail-sni/retired-by"), "utf8").split("\n")).toContain(
            "new\tprogram\tlego",
          );
          await stack.mustRun("apply", "-auto-approve");
          expect(orders()).toBe(0);
          expect(stack.attributes("mailsni_retired_renewers")).toMatchObject({
            pending: null,
            planned_places: PLANNED_PLACES,
          });
          await stack.mustRun("destroy", "-auto-approve");
          expect(tree()).toEqual(before);
        },
      );
    },
  );
}
