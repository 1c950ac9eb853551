import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOptions } from "../../../demo/launcher/index.ts";

describe("options of npm start", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "options-"));
    await writeFile(path.join(folder, "clip.mp4"), "x");
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it("have defaults", () => {
    expect(parseOptions([], "/home/me")).toEqual({
      port: 8080,
      dataDir: "/home/me/.data/demo",
      hasDepartment: true,
    });
  });

  it("take a camera's address as it is", () => {
    const source = "rtsp://user:pass@camera.example/stream?channel=1";
    expect(parseOptions(["--camera", source], folder)).toMatchObject({ camera: source });
  });

  it("take a file from where the person is", () => {
    expect(parseOptions(["--camera", "clip.mp4"], folder)).toMatchObject({
      camera: path.join(folder, "clip.mp4"),
    });
  });

  it("take every other option", () => {
    const args = ["--port", "9000", "--rtsp-port=9001", "--department-port=9002"];
    expect(parseOptions([...args, "--no-department", "--data-dir", "d"], "/a")).toEqual({
      port: 9000,
      rtspPort: 9001,
      departmentPort: 9002,
      hasDepartment: false,
      dataDir: "/a/d",
    });
    expect(parseOptions(["--help"], "/a")).toBe("help");
  });

  it.each([
    [["--camera", "missing.mp4"], /file that is not there.*missing\.mp4/],
    [["--camera", "/"], /file that is not there.*folder/],
    [["--camera", "rtsp://"], /not a camera's address/],
    [["--camera", "ftp://host/clip"], /expected rtsp:\/\/host\/path.*got ftp/],
    [["--camera"], /--camera/],
    [["--port", "0"], /--port is not a port.*1 to 65535.*got 0/],
    [["--port", "70000"], /got 70000/],
    [["--port", "http"], /got http/],
    [["--rtsp-port", "x"], /--rtsp-port/],
    [["--config", "none.yaml"], /--config names a file that is not there/],
    [["--camra", "x"], /Unknown option '--camra'.*--help/],
    [["clip.mp4"], /clip\.mp4/],
  ])("refuse %j in clear words", (args, message) => {
    expect(() => parseOptions(args, folder)).toThrow(message);
  });

  it("do not repeat a password in an error", () => {
    expect(() => parseOptions(["--camera", "http://me:secret@host/x"], folder)).toThrow(
      /got http:\/\/\*\*\*@host/,
    );
  });
});
