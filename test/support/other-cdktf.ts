import { createRequire } from "node:module";
import type * as Cdktf from "cdktf";

const nodeRequire = createRequire(__filename);
const JSII = Symbol.for("jsii.rtti");

/**
 * A second copy of cdktf, as npm installs one where packages cannot agree on one; with `named`, as if it were of another
 * package or version, such as `["cdktn", "0.24.0"]`.
 */
export function otherCdktf(named?: readonly [name: string, version: string]): typeof Cdktf {
  const { cache } = nodeRequire;
  const isCdktf = (path: string) => /[\\/]node_modules[\\/]cdktf[\\/]/.test(path);
  const kept = Object.entries(cache).filter(([path]) => isCdktf(path));
  const forget = () => {
    for (const path of Object.keys(cache)) if (isCdktf(path)) delete cache[path];
  };
  forget();
  try {
    const copy: typeof Cdktf = nodeRequire("cdktf");
    if (named !== undefined) {
      const [name, version] = named;
      Object.assign(copy.TerraformStack, { [JSII]: { fqn: `${name}.TerraformStack`, version } });
    }
    return copy;
  } finally {
    forget();
    for (const [path, module] of kept) cache[path] = module;
  }
}
