import { existsSync } from "node:fs";
import { findCertbot, findLego } from "./acme-clients";
import { findActionlint } from "./actionlint";
import { findChromium } from "./chromium";
import { findCommand } from "./commands";
import type { DebianRoot } from "./debian-root";
import { type DovecotVersion, findDovecot } from "./dovecot-installation";
import { findPebble } from "./pebble-installation";
import { findPostmap } from "./postfix-installation";
import { findPostgresql } from "./postgresql-installation";
import { findPromtool } from "./promtool";
import { RENAMEAT2 } from "./renameat2";
import { EXIM_ROOT, POSTFIX_ROOT } from "./smtp-roots";
import { findTofu } from "./tofu";
import { trixieHas } from "./trixie";

/** Something that a suite needs and that not every machine has: this one, as it is now. */
export interface Requirement {
  /** What is missing here, in words that say what to do about it; null where the machine has it. */
  readonly missing: string | null;
}

export const root: Requirement = {
  missing: process.getuid?.() === 0 ? null : "only root can change owners and start mail servers",
};

export const dovecot23 = dovecot("2.3", "Debian 12: dovecot-imapd and dovecot-pop3d");
export const dovecot24 = dovecot("2.4", "`npm run test:long` makes one where it is root on a Debian");

export const postfix = inRootOfItsOwn("Postfix", POSTFIX_ROOT);
export const exim = inRootOfItsOwn("Exim", EXIM_ROOT);

export const terraform: Requirement = {
  missing: findCommand("terraform") ? null : "no terraform on the PATH",
};
export const tofu: Requirement = {
  missing: findTofu() ? null : "no tofu on the PATH (`npm run test:long` builds one where there is Go)",
};
/** Either of the two. */
export const engine: Requirement = {
  missing:
    terraform.missing === null || tofu.missing === null ? null : "neither terraform nor tofu on the PATH",
};

/** An OpenSSH server, which can be run by root alone. */
export const sshd: Requirement = {
  missing:
    findCommand("sshd") && findCommand("ssh") ? root.missing : "no sshd and ssh (Debian: openssh-server)",
};
/** Another user than root, whose perl calls renameat2(2). */
export const exchanger: Requirement = {
  missing:
    findCommand("perl") && RENAMEAT2[process.arch] !== undefined
      ? root.missing
      : "no perl on the PATH (Debian: perl-base), or a processor other than x64 and arm64",
};
/** The real one, and an account that it is for, which the machine is lent by root alone. */
export const sudo: Requirement = {
  missing: findCommand("sudo") ? root.missing : "no sudo on the PATH (Debian: sudo)",
};
export const setfacl: Requirement = program("setfacl", "acl");
export const openssl: Requirement = program("openssl", "openssl");
export const faketime: Requirement = program("faketime", "faketime");
export const bash: Requirement = program("bash", "bash");
export const systemdAnalyze: Requirement = program("systemd-analyze", "systemd");
/** One that can be the first process of namespaces. */
export const systemd: Requirement = {
  missing: existsSync("/usr/lib/systemd/systemd") ? root.missing : "no systemd (Debian: systemd)",
};
export const zsh: Requirement = program("zsh", "zsh");
export const fish: Requirement = program("fish", "fish");
export const mandoc: Requirement = program("mandoc", "mandoc");
export const busybox: Requirement = program("busybox", "busybox");
export const shellcheck: Requirement = program("shellcheck", "shellcheck");
export const dehydrated: Requirement = program("dehydrated", "dehydrated");
/** Debian's, which the set-up of the long suites unpacks. */
export const certbot: Requirement = {
  missing: findCertbot() ? null : "no certbot (`npm run test:long` unpacks it where it is root on a Debian)",
};
export const lego: Requirement = {
  missing: findLego() ? null : "no lego (`npm run test:long` unpacks it where it is root on a Debian)",
};
export const dehydratedWithDropIns: Requirement = {
  missing: trixieHas("dehydrated")
    ? null
    : "no dehydrated of Debian 13 (`npm run test:long` installs it where it is root on a Debian)",
};

/** An ACME server, with web servers on port 80 of loopback addresses for it to look at. */
export const pebble: Requirement = {
  missing: findPebble() ? root.missing : "no Pebble (`npm test` builds one where there is Go)",
};

/** A database server, which refuses to run as root and is started by root alone. */
export const postgresql: Requirement = {
  missing: findPostgresql()
    ? root.missing
    : "no PostgreSQL (`npm run test:long` installs it where it is root on a Debian)",
};

/** Postfix's table builder, with the rights to read what it makes as another user. */
export const postmap: Requirement = {
  missing: findPostmap() ? root.missing : "no postmap (`npm test` unpacks one where it is root on a Debian)",
};

/** A browser without windows. */
export const chromium: Requirement = {
  missing: findChromium() ? null : "no chromium on the PATH (Debian: chromium-headless-shell)",
};

/** Prometheus' checker of rules and metrics. */
export const promtool: Requirement = {
  missing: findPromtool()
    ? null
    : "no promtool (`npm run test:long` unpacks one where it is root on a Debian)",
};

export const actionlint: Requirement = {
  missing: findActionlint() ? null : "no actionlint (`npm test` builds one where there is Go)",
};

function dovecot(version: DovecotVersion, remedy: string): Requirement {
  return { missing: findDovecot(version) ? root.missing : `no Dovecot ${version} (${remedy})` };
}

function inRootOfItsOwn(server: string, directory: DebianRoot): Requirement {
  const remedy = "`npm run test:long` makes a root directory with it where it is root on a Debian";
  return { missing: directory.find() ? root.missing : `no ${server} (${remedy})` };
}

function program(name: string, debianPackage: string): Requirement {
  return { missing: findCommand(name) ? null : `no ${name} on the PATH (Debian: ${debianPackage})` };
}

/** Another user, as uid and as gid: Debian's `nobody` and `nogroup`. */
export const OTHER_UID = 65_534;
