import { describe, expect, it } from "vitest";
import { parsePostmasterFile } from "../../../brain/store/postmaster.ts";

describe("parsePostmasterFile", () => {
  it("reads process, port and status", () => {
    const text =
      "4711\n/data/cluster\n1790000000\n34471\n\n127.0.0.1\n  5432001   65536\nready   \n";
    expect(parsePostmasterFile(text)).toEqual({ pid: 4711, port: 34_471, status: "ready" });
  });

  it("reads a file that is still being written as not ready", () => {
    expect(parsePostmasterFile("4711\n/data/cluster\n1790000000\n")).toEqual({
      pid: 4711,
      port: 0,
      status: "",
    });
  });

  it.each(["", "garbage", "-5\n\n\n-1", "1.5"])("takes no process from %j", (text) => {
    expect(parsePostmasterFile(text)).toMatchObject({ pid: 0, port: 0 });
  });
});
