import { BlockList, isIPv6 } from "node:net";

/** Networks that are not routed on the Internet (RFC 1918, 3927, 4193, 6598): behind them there may be NAT. */
const INSIDE = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  INSIDE.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  INSIDE.addSubnet(network, bits, "ipv6");
}

/** Whether an address is one by which the Internet may reach a machine. */
export function isPublicAddress(address: string): boolean {
  return !INSIDE.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
