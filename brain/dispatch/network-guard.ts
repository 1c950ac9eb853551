/**
 * Which addresses the brain may post to: public ones, and the networks that the configuration
 * names. A name is resolved once, every address is checked, and the connection goes to that one.
 */
import { BlockList, isIP, isIPv4 } from "node:net";
import { lookup as dnsLookup } from "node:dns/promises";
import { PermanentError } from "../../protocol/index.ts";

/** IANA's special-purpose IPv4 blocks: none of them is a public unicast address. */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
const PUBLIC_IPV6 = ["2000::/3"];
/** Inside 2000::/3: Teredo and its kin, documentation, 6to4. They may carry a private IPv4. */
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface NetworkGuard {
  isAllowed(address: string): boolean;
  /**
   * The address to connect to.
   *
   * @throws AddressRefusedError when any address of the name is not allowed, so that a name with
   * two faces is refused as a whole.
   */
  pin(hostname: string): Promise<ResolvedAddress>;
}

export class AddressRefusedError extends Error {}

/** @throws PermanentError CONFIG_INVALID for a network that is not in CIDR form. */
export function createNetworkGuard(
  allowedNetworks: readonly string[],
  resolve: Resolve = resolveByDns,
): NetworkGuard {
  const allowed = blockListOf(allowedNetworks);
  const specialIpv4 = blockListOf(SPECIAL_IPV4);
  const publicIpv6 = blockListOf(PUBLIC_IPV6);
  const specialIpv6 = blockListOf(SPECIAL_IPV6);
  const isAllowed = (address: string): boolean => {
    const plain = unmapped(address);
    if (isIP(plain) === 0) {
      return false;
    }
    const family = isIPv4(plain) ? "ipv4" : "ipv6";
    if (allowed.check(plain, family)) {
      return true;
    }
    return family === "ipv4"
      ? !specialIpv4.check(plain, family)
      : publicIpv6.check(plain, family) && !specialIpv6.check(plain, family);
  };
  return {
    isAllowed,
    pin: async (hostname) => {
      const literal = hostname.replace(/^\[(.*)\]$/, "$1");
      const family = isIP(literal);
      const found: readonly ResolvedAddress[] =
        family === 0 ? await resolve(hostname) : [{ address: literal, family: family as 4 | 6 }];
      const refused = found.find(({ address }) => !isAllowed(address));
      if (refused !== undefined) {
        throw new AddressRefusedError(
          `the address ${refused.address} is neither public nor in dispatch.allowedNetworks`,
        );
      }
      const first = found[0];
      if (first === undefined) {
        throw new AddressRefusedError(`the name ${hostname} has no address`);
      }
      return first;
    },
  };
}

async function resolveByDns(hostname: string): Promise<readonly ResolvedAddress[]> {
  const found = await dnsLookup(hostname, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

/** An IPv4 address in IPv6 clothes is judged as what it is; a zone index is dropped. */
function unmapped(address: string): string {
  const plain = address.split("%")[0] ?? address;
  if (isIP(plain) !== 6) {
    return plain;
  }
  const groups = expandIpv6(plain);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped) {
    return plain;
  }
  const [high, low] = [groups[6] ?? 0, groups[7] ?? 0];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** The eight groups of a valid IPv6 address. */
function expandIpv6(address: string): number[] {
  const withoutDots = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_match, a: string, b: string, c: string, d: string) =>
      `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`,
  );
  const [head = "", tail] = withoutDots.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [left, right] = [parse(head), parse(tail ?? "")];
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<number>(Math.max(0, missing)).fill(0), ...right];
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    const family = isIP(address);
    const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (family === 0 || !(prefix <= (family === 4 ? 32 : 128))) {
      throw new PermanentError("CONFIG_INVALID", "A network is not in CIDR form", {
        where: "dispatch.allowedNetworks",
        expected: "such as 10.20.0.0/16",
        got: network,
      });
    }
    list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
