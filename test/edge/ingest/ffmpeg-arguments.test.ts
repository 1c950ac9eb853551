import { describe, expect, it } from "vitest";
import { camera } from "./camera-fixture.ts";
import { ffmpegArguments } from "../../../edge/ingest/ffmpeg-arguments.ts";

const FRAMES = { maxFps: 10, maxWidth: 769, decode: camera().decode } as const;

function valueOf(args: readonly string[], option: string, from = 0): string | undefined {
  return args[args.indexOf(option, from) + 1];
}

describe("ffmpegArguments", () => {
  it("opens an RTSP camera by the transport asked for, with a limit on every read", () => {
    const source = "rtsp://camera.invalid/main";
    const args = ffmpegArguments({ source, transport: "udp", ...FRAMES });
    expect(valueOf(args, "-rtsp_transport")).toBe("udp");
    expect(valueOf(args, "-timeout")).toBe("5000000");
    expect(valueOf(args, "-i")).toBe(source);
    expect(args).not.toContain("-re");
  });

  it("loops a file at its own speed, whatever its name looks like", () => {
    const args = ffmpegArguments({ source: "-i:odd name.mp4", transport: "tcp", ...FRAMES });
    expect(args).toContain("-re");
    expect(valueOf(args, "-stream_loop")).toBe("-1");
    expect(valueOf(args, "-i")).toBe("file:-i:odd name.mp4");
    expect(args).not.toContain("-rtsp_transport");
  });

  it("lets neither encoder threads nor a pipe buffer hold a picture", () => {
    const args = ffmpegArguments({ source: "a.mp4", transport: "tcp", ...FRAMES });
    expect(valueOf(args, "-threads", args.indexOf("-vf"))).toBe("1");
    expect(valueOf(args, "-flush_packets")).toBe("1");
    expect(valueOf(args, "-fps_mode")).toBe("passthrough");
    expect(valueOf(args, "-autoscale")).toBe("0");
  });

  it("asks for an even width", () => {
    const args = ffmpegArguments({ source: "a.mp4", transport: "tcp", ...FRAMES });
    expect(valueOf(args, "-vf")).toContain("min(768,");
  });

  it("asks for I420 in limited range and BT.601, whatever the camera sends", () => {
    const args = ffmpegArguments({ source: "a.mp4", transport: "tcp", ...FRAMES });
    expect(valueOf(args, "-vf")).toContain("out_color_matrix=bt601:out_range=tv,format=yuv420p,");
    expect(valueOf(args, "-pix_fmt")).toBe("yuv420p");
  });

  it("decodes all pictures in software unless told otherwise", () => {
    const args = ffmpegArguments({ source: "a.mp4", transport: "tcp", ...FRAMES });
    expect(args).not.toContain("-hwaccel");
    expect(args).not.toContain("-skip_frame");
  });

  it.each(["a.mp4", "rtsp://camera.invalid/main"])(
    "asks for key frames and hardware before the input %s",
    (source) => {
      const { decode } = camera({
        decode: { mode: "keyframes", hwaccel: "vaapi", device: "/dev/dri/renderD128" },
      });
      const args = ffmpegArguments({ source, transport: "tcp", ...FRAMES, decode });
      const input = args.slice(0, args.indexOf("-i"));
      expect(valueOf(input, "-skip_frame")).toBe("nokey");
      expect(valueOf(input, "-hwaccel")).toBe("vaapi");
      expect(valueOf(input, "-hwaccel_device")).toBe("/dev/dri/renderD128");
    },
  );
});
