import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WebHost } from "../../../../lib/provider/acme/http-webroot";
import type { WebServer } from "../../../support/web-server";

/** A mail host whose web server shows `/` of it. */
export function webHostOf(web: WebServer): WebHost {
  return {
    name: "mx1",
    async put(path, text) {
      mkdirSync(dirname(join(web.directory, path)), { recursive: true });
      writeFileSync(join(web.directory, path), text);
    },
    async remove(path) {
      rmSync(join(web.directory, path), { force: true });
    },
  };
}
