import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RenewalHost, type Row } from "./renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test", "imap.b.test", "smtp.b.test"] };
const C: Row = { names: ["example.co.uk", "smtp.example.co.uk"], alias: "shop" };

/** What an installation comes to, with one shell. */
export function installScenarios(...shell: readonly [string, ...string[]]): void {
  describe(`\`renewal install\` with ${shell.join(" ")}`, () => {
    let on: RenewalHost;
    beforeEach(() => {
      on = new RenewalHost();
    });
    afterEach(() => on.remove());

    it("GIVEN new certificates THEN each is in place and served, after one activation", async () => {
      const [a, b, c] = await on.ordered(A, B, C);
      expect(await on.run(["install"], { shell })).toEqual({ exitCode: 0, output: "" });
      expect(on.calls().filter((call) => call === "activate")).toHaveLength(1);
      expect([on.loaded("a.test"), on.loaded("smtp.b.test"), on.loaded("smtp.example.co.uk")]).toEqual([
        a,
        b,
        c,
      ]);
      expect(on.loaded("default")).toBe(a);
      expect(on.read("/var/filed/servercert.pem")).toBe(a);
      expect(on.read("/var/filed/imap.b.test/servercert.pem")).toBe(b);
      expect([on.mode("/etc/served/shop.pem"), on.mode("/var/filed/shop/servercert.pem")]).toEqual([
        "0600",
        "0640",
      ]);
      expect(on.leftovers()).toEqual([]);
      expect(on.result()).toMatchObject({ "a.test": { status: "ok" }, shop: { status: "ok" } });
    });

    it("GIVEN nothing new THEN it changes nothing, and asks no service", async () => {
      await on.ordered(A, B);
      await on.run(["install"], { shell });
      const before = [on.tree(), on.ledgerText(), readFileSync(join(on.work, "installed"), "utf8")];
      on.calls();
      expect(await on.run(["install"], { shell })).toEqual({ exitCode: 0, output: "" });
      expect([on.tree(), on.ledgerText(), readFileSync(join(on.work, "installed"), "utf8")]).toEqual(before);
      expect(on.calls()).toEqual([]);
    });

    it("GIVEN one that the server chokes on THEN it alone is put back, and the next run tries it again", async () => {
      const [, b] = await on.installed(A, B, C);
      const [a, , c] = await on.ordered(A, B, C);
      on.tell("chokes-on", "# 2");
      on.write(
        join(on.directory, "snippets/b.test.conf"),
        `serve ${B.names.join(" ")} ${on.at("/etc/served/b.test.pem")}\n# 2\n`,
      );
      const { exitCode } = await on.run(["install"], { shell });
      expect(exitCode).toBe(1);
      expect(on.result()).toMatchObject({
        "a.test": { status: "ok" },
        "b.test": { status: "failed" },
        shop: { status: "ok" },
      });
      expect(on.result()["b.test"]?.message).toMatch(
        /served could not be reloaded.*out of memory.* previous files were restored/,
      );
      expect([on.read("/etc/served/b.test.pem"), on.leftovers()]).toEqual([b, []]);
      on.untell("chokes-on");
      expect((await on.run(["install"], { shell })).exitCode).toBe(0);
      expect([on.loaded("a.test"), on.loaded("example.co.uk")]).toEqual([a, c]);
      expect(on.loaded("b.test")).not.toBe(b);
    });
  });
}
