import { describe, expect, it } from "vitest";
import { createNetworkGuard } from "../../../brain/dispatch/index.ts";

const closed = createNetworkGuard([]);

describe("the network guard", () => {
  it.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.170",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "not an address",
    "",
  ])("refuses %s", (address) => {
    expect(closed.isAllowed(address)).toBe(false);
  });

  it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
    "admits the public %s",
    (address) => {
      expect(closed.isAllowed(address)).toBe(true);
    },
  );

  it("admits the networks it is told, also in IPv6 clothes", () => {
    const guard = createNetworkGuard(["10.20.0.0/16", "::1/128"]);
    expect(guard.isAllowed("10.20.3.4")).toBe(true);
    expect(guard.isAllowed("::ffff:10.20.3.4")).toBe(true);
    expect(guard.isAllowed("10.21.0.1")).toBe(false);
    expect(guard.isAllowed("::1")).toBe(true);
  });

  it("refuses a name with one good and one bad address, and pins the checked one", async () => {
    const names: Record<string, { address: string; family: 4 | 6 }[]> = {
      good: [{ address: "8.8.8.8", family: 4 }],
      rebound: [
        { address: "8.8.8.8", family: 4 },
        { address: "169.254.169.254", family: 4 },
      ],
      empty: [],
    };
    const guard = createNetworkGuard([], (name) => Promise.resolve(names[name] ?? []));
    expect(await guard.pin("good")).toEqual({ address: "8.8.8.8", family: 4 });
    await expect(guard.pin("rebound")).rejects.toThrow("169.254.169.254");
    await expect(guard.pin("empty")).rejects.toThrow("no address");
    await expect(guard.pin("[::1]")).rejects.toThrow("::1");
    await expect(guard.pin("127.0.0.1")).rejects.toThrow("127.0.0.1");
  });

  it("judges the odd spellings of an address by what the URL makes of them", async () => {
    for (const spelling of ["0x7f.1", "2130706433", "0177.0.0.1", "127.1"]) {
      const { hostname } = new URL(`http://${spelling}/`);
      await expect(closed.pin(hostname)).rejects.toThrow("127.0.0.1");
    }
  });

  it("wants networks in CIDR form", () => {
    for (const network of ["10.0.0.0", "10.0.0.0/33", "::1/129", "x/8", ""]) {
      expect(() => createNetworkGuard([network])).toThrow(/CIDR/);
    }
  });
});
