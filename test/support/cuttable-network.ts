import { spawnSync } from "node:child_process";
import { findCommand, mustRun, runCommand } from "./commands";
import { type Requirement, root } from "./machine";

/** Networks of one's own, with a router in between. */
export const ownNetworks: Requirement = {
  missing:
    root.missing ??
    (findCommand("ip") && spawnSync("unshare", ["--net", "true"]).status === 0
      ? null
      : "no network namespaces (Debian: iproute2, util-linux; in a container, the rights to make them)"),
};

/**
 * A network behind a router that can stop passing packets on. Neither side is told then, as where a cable is pulled a few hops
 * away: what is sent is simply never answered.
 */
export class CuttableNetwork {
  static async start(): Promise<CuttableNetwork> {
    const network = new CuttableNetwork();
    try {
      await network.#make();
      return network;
    } catch (error) {
      await network.stop();
      throw error;
    }
  }

  /** Eight addresses of those that are for tests of networks (RFC 2544): others beside this one have networks, too. */
  readonly #first = (process.pid % NETWORKS) * 8;
  readonly #router = `mail-sni-router-${process.pid}`;
  readonly #far = `mail-sni-far-${process.pid}`;
  /** Of at most 15 bytes. */
  readonly #interface = `msni${process.pid}`;

  private constructor() {}

  /** Of the machine in it, as it is reached from here. */
  get address(): string {
    return this.#at(6);
  }

  /** What a command is run through to be there. */
  get through(): string[] {
    return inNamespace(this.#far);
  }

  /** From now on every packet is lost, in both directions. */
  async cut(): Promise<void> {
    await this.#passOn(false);
  }

  async mend(): Promise<void> {
    await this.#passOn(true);
  }

  /** Interfaces go with their namespaces. What runs there does not. */
  async stop(): Promise<void> {
    await runCommand(["ip", "link", "delete", this.#interface]);
    for (const name of [this.#far, this.#router]) await runCommand(["ip", "netns", "delete", name]);
  }

  async #make(): Promise<void> {
    const [router, far] = [this.#router, this.#far];
    await ip(`netns add ${router}`);
    await ip(`netns add ${far}`);
    await ip(`link add ${this.#interface} type veth peer name near netns ${router}`);
    await ip(`-n ${router} link add far type veth peer name eth0 netns ${far}`);
    await ip(`address add ${this.#at(1)}/30 dev ${this.#interface}`);
    await ip(`-n ${router} address add ${this.#at(2)}/30 dev near`);
    await ip(`-n ${router} address add ${this.#at(5)}/30 dev far`);
    await ip(`-n ${far} address add ${this.#at(6)}/30 dev eth0`);
    await ip(`link set ${this.#interface} up`);
    for (const device of ["near", "far"]) await ip(`-n ${router} link set ${device} up`);
    for (const device of ["eth0", "lo"]) await ip(`-n ${far} link set ${device} up`);
    await ip(`route add ${this.#at(4)}/30 via ${this.#at(2)}`);
    await ip(`-n ${far} route add default via ${this.#at(5)}`);
    await this.#passOn(true);
  }

  #at(index: number): string {
    const number = this.#first + index;
    return `198.${18 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
  }

  /** Without forwarding, the router drops what is not for itself, and answers nothing. */
  async #passOn(on: boolean): Promise<void> {
    const setting = `echo ${on ? 1 : 0} >/proc/sys/net/ipv4/ip_forward`;
    await mustRun([...inNamespace(this.#router), "sh", "-c", setting]);
  }
}

/** 198.18.0.0/15 in parts of eight addresses. */
const NETWORKS = 2 ** 14;

function inNamespace(name: string): [string, ...string[]] {
  return ["nsenter", `--net=/run/netns/${name}`];
}

async function ip(words: string): Promise<void> {
  await mustRun(["ip", ...words.split(" ")]);
}
