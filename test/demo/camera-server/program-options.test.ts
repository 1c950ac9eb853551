import { describe, expect, it } from "vitest";
import { parseProgramOptions } from "../../../demo/camera-server/program-options.ts";

describe("parseProgramOptions", () => {
  it("reads cameras and options", () => {
    const args = ["--port", "9000", "--report", "--credentials", "u:p:q", "gate=a=b.mp4"];
    args.push("--start", "gate=27.5");
    expect(parseProgramOptions(args)).toMatchObject({
      server: {
        port: 9000,
        host: "127.0.0.1",
        mounts: { gate: "a=b.mp4" },
        startsS: { gate: 27.5 },
        credentials: { username: "u", password: "p:q" },
      },
      isReporting: true,
    });
  });

  it.each([
    ["an unknown option", ["--prot", "1"]],
    ["a port out of range", ["--port", "65536"]],
    ["a camera without name", ["a.mp4"]],
    ["two cameras of one name", ["a=1.mp4", "a=2.mp4"]],
    ["a start that is no time", ["--start", "a=soon", "a=1.mp4"]],
    ["credentials without password", ["--credentials", "u"]],
  ])("refuses %s", (_name, args) => {
    expect(() => parseProgramOptions(args)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }) as Error,
    );
  });
});
