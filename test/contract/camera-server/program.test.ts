import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FfmpegClient } from "./ffmpeg-client.ts";
import { Footage } from "./footage.ts";

let footage: Footage;
let gate: string;

beforeAll(async () => {
  footage = await Footage.create();
  gate = await footage.make({ name: "gate.mp4" });
});

afterAll(async () => {
  await footage[Symbol.asyncDispose]();
});

function startProgram(...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const program = ["--import", "tsx", "demo/camera-server/main.ts", "--port", "0", ...args];
  return spawn(process.execPath, program, { stdio: ["pipe", "pipe", "inherit"] });
}

async function nextLine(lines: AsyncIterator<string>): Promise<Record<string, unknown>> {
  const line = await lines.next();
  return JSON.parse(String(line.value)) as Record<string, unknown>;
}

it("reports its address and every client's first capture time, and ends with its owner", async () => {
  const program = startProgram("--report", "--exit-with-stdin", `gate=${gate}`);
  const closed = once(program, "close");
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const listening = await nextLine(lines);
  expect(listening).toMatchObject({ kind: "listening" });
  const [url = ""] = listening["urls"] as string[];
  await using client = FfmpegClient.play(url, "tcp", 3);
  const started = await nextLine(lines);
  expect(started).toMatchObject({ kind: "client-started", mount: "gate", transport: "tcp" });
  expect(started["firstCaptureTimeMs"]).toBeLessThanOrEqual(Date.now());
  await client.ended;
  program.stdin.end();
  expect(await closed).toEqual([0, null]);
});

it("ends cleanly on SIGTERM", async () => {
  const program = startProgram(`gate=${gate}`);
  const closed = once(program, "close");
  await once(program.stdout, "data");
  program.kill("SIGTERM");
  expect(await closed).toEqual([0, null]);
});
