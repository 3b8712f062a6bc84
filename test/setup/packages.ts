import { existsSync, rmSync, writeFileSync } from "node:fs";
import { findCommand, mustRun } from "../support/commands";
import { POLICY_DENIES_SERVICES } from "../support/debian";
import { step } from "./step";

/** Debian packages, each with a file by which to tell that it is there. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ["acl", "/usr/bin/setfacl"],
  ["busybox", "/usr/bin/busybox"],
  ["dehydrated", "/usr/bin/dehydrated"],
  ["dovecot-imapd", "/usr/lib/dovecot/imap"],
  ["dovecot-pop3d", "/usr/lib/dovecot/pop3"],
  ["faketime", "/usr/bin/faketime"],
  ["fish", "/usr/bin/fish"],
  ["ksh93u+m", "/usr/bin/ksh93"],
  ["mandoc", "/usr/bin/mandoc"],
  ["mksh", "/usr/bin/mksh"],
  ["openssh-client", "/usr/bin/ssh"],
  ["openssh-server", "/usr/sbin/sshd"],
  ["openssl", "/usr/bin/openssl"],
  ["shellcheck", "/usr/bin/shellcheck"],
  ["sudo", "/usr/bin/sudo"],
  ["zsh", "/usr/bin/zsh"],
]);
const PACKAGES_OF_LONG_SUITES: ReadonlyMap<string, string> = new Map([
  ...PACKAGES,
  ["chromium-headless-shell", "/usr/bin/chromium-headless-shell"],
  ["debootstrap", "/usr/sbin/debootstrap"],
  ["iproute2", "/usr/sbin/ip"],
  ["systemd", "/usr/lib/systemd/systemd"],
  ["postgresql", "/usr/lib/postgresql"],
]);

/** Installs the Debian packages that the suites use and that are missing, where this is root on a Debian. */
export async function installPackages(long: boolean): Promise<void> {
  if (process.getuid?.() !== 0 || !findCommand("apt-get")) return;
  const wanted = [...(long ? PACKAGES_OF_LONG_SUITES : PACKAGES)];
  const missing = wanted.flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (missing.length === 0) return;
  await step(`installing ${missing.join(", ")}`, () =>
    withoutServices(async () => {
      await apt("update");
      await apt("install", "-y", "--no-install-recommends", ...missing);
    }),
  );
}

async function apt(...args: readonly string[]): Promise<void> {
  const options = ["-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"];
  await mustRun(["apt-get", ...options, ...args], {
    timeoutMs: 300_000,
    env: { DEBIAN_FRONTEND: "noninteractive", PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}

const POLICY = "/usr/sbin/policy-rc.d";

/** What is installed meanwhile starts no services. A policy that the machine has of its own is left as it is. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY)) return work();
  const restore = () => rmSync(POLICY, { force: true });
  const interrupted = () => process.exit(1);
  process.once("exit", restore);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  writeFileSync(POLICY, POLICY_DENIES_SERVICES, { mode: 0o755 });
  try {
    await work();
  } finally {
    restore();
    process.off("exit", restore);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupted);
  }
}
