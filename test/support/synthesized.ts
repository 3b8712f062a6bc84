import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, DefaultTokenResolver, StringConcat, TerraformStack, Testing, Tokenization } from "cdktf";
import { share, sharedDirectory, unsharedDirectory } from "./run-directory";

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which each test knows what it looks at
export type Json = any;

const PROVIDER = "provider-that-is-never-run";

/** A provider directory as the build leaves it, with a bundle and a program for hosts that are never run. */
export function providerDirectory(): string {
  const shared = sharedDirectory(PROVIDER);
  if (existsSync(shared)) return shared;
  const directory = unsharedDirectory(PROVIDER);
  writeFileSync(join(directory, "bundle.cjs"), "#!/usr/bin/env node\n");
  writeFileSync(
    join(directory, "manifest.json"),
    JSON.stringify({ version: "1.2.3-b0", file: "bundle.cjs", h1: "h1:0=", schema: {} }),
  );
  writeFileSync(
    join(directory, "renewal"),
    "#!/bin/sh\n# The program that renews on hosts, which is never run.\n",
  );
  return share(directory, PROVIDER);
}

/** An app whose stacks need no build of the provider. */
export function testApp(): App {
  return Testing.app({
    context: {
      "mail-sni:provider-directory": providerDirectory(),
      "mail-sni:host-directory": providerDirectory(),
      "mail-sni:table": false,
    },
  });
}

/** A stack of its own app. */
export function testStack(name = "stack"): TerraformStack {
  return new TerraformStack(testApp(), name);
}

/** The stack as Terraform gets it, after all validations. */
export function synthesized(stack: TerraformStack): Json {
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true));
}

/** A value as it stands in the stack's JSON. */
export function resolved(scope: TerraformStack, value: unknown): Json {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}
