import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PublicFiles } from "../../../lib/provider/host/public-files";
import { TIMEOUTS } from "../../../lib/shared/transport/timeouts";
import { LocalTransport } from "../../../lib/shared/transport/transport";

describe("files of the moment on a host", () => {
  let root: string;
  let files: PublicFiles;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "mail-sni-public-"));
    const settings = {
      name: "mx1",
      root,
      stateDirectory: "/state",
      applyOwnership: false,
      services: new Map(),
    };
    files = new PublicFiles(settings, new LocalTransport(), TIMEOUTS);
  });
  afterEach(async () => {
    await files.close();
    rmSync(root, { recursive: true });
  });

  it("are readable by every user, are below the host's root, and are removed", async () => {
    const text = 'it\'s "quoted" $(and) \\ more';
    await Promise.all([files.put("/www/a/one", text), files.put("/www/a/two", "2")]);
    expect(readFileSync(join(root, "www/a/one"), "utf8")).toBe(text);
    expect(statSync(join(root, "www/a/one")).mode & 0o777).toBe(0o644);
    await Promise.all([files.remove("/www/a/one"), files.remove("/www/a/two"), files.remove("/www/never")]);
    expect(readdirSync(join(root, "www/a"))).toEqual([]);
  });

  it("are neither written nor removed behind a link of another user", async () => {
    mkdirSync(join(root, "www"));
    mkdirSync(join(root, "elsewhere"));
    writeFileSync(join(root, "elsewhere/token"), "somebody's");
    symlinkSync("../elsewhere", join(root, "www/.well-known"));
    chmodSync(join(root, "www"), 0o777);
    for (const work of [files.put("/www/.well-known/token", "x"), files.remove("/www/.well-known/token")]) {
      await expect(work).rejects.toThrow(
        /www\/\.well-known is a link that another user than root can change/,
      );
    }
    expect(readdirSync(join(root, "elsewhere"))).toEqual(["token"]);
    expect(readFileSync(join(root, "elsewhere/token"), "utf8")).toBe("somebody's");
    // In a directory of root's, or of the user who runs this, it is part of how the host is laid out.
    chmodSync(join(root, "www"), 0o755);
    await files.put("/www/.well-known/token", "x");
    expect(readFileSync(join(root, "elsewhere/token"), "utf8")).toBe("x");
  });

  it("are refused with what the host said, each by itself", async () => {
    writeFileSync(join(root, "file"), "");
    const [refused, written] = await Promise.allSettled([files.put("/file/x", "1"), files.put("/y", "2")]);
    expect(refused).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringMatching(/^\/file\/x: .*(Not a directory|File exists)/) },
    });
    expect(written.status).toBe("fulfilled");
    expect(existsSync(join(root, "y"))).toBe(true);
  });
});
