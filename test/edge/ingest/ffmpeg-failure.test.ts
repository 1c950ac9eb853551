import { describe, expect, it } from "vitest";
import { ComplaintTail, diagnose } from "../../../edge/ingest/ffmpeg-failure.ts";
import { type AppError, PermanentError, TransientError } from "../../../protocol/index.ts";

const URL = "rtsp://admin:hunter2@10.0.0.1:554/main";

function diagnosis(source: string, ...lines: readonly string[]): AppError {
  const tail = new ComplaintTail(source);
  lines.forEach((line) => tail.add(line));
  return diagnose(source, { exitCode: 1, signal: null }, tail);
}

describe("diagnose", () => {
  it.each([
    ["[tcp @ 0x5] [error] Connection to tcp://10.0.0.1:554?timeout=0 failed: Connection refused"],
    [`[error] ${URL}: Connection timed out`],
    [`[rtsp @ 0x5] [error] method DESCRIBE failed: 404 Not Found`],
  ])("takes %j for a camera that may come back", (line) => {
    const error = diagnosis(URL, line);
    expect(error).toBeInstanceOf(TransientError);
    expect(error.code).toBe("SOURCE_UNREACHABLE");
  });

  it("does not hammer a camera that refuses the password", () => {
    const error = diagnosis(URL, "[rtsp @ 0x5] [error] method DESCRIBE failed: 401 Unauthorized");
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.code).toBe("SOURCE_UNREACHABLE");
  });

  it("calls a file without a video unreadable", () => {
    const error = diagnosis(
      "/v/a.mp4",
      "[error] file:/v/a.mp4: Invalid data found when processing",
    );
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain("not a video");
  });

  it("tells a killed decoder from a bad source", () => {
    const error = diagnose(URL, { exitCode: null, signal: "SIGKILL" }, new ComplaintTail(URL));
    expect(error.code).toBe("DECODER_FAILED");
    expect(error.message).toContain("signal SIGKILL");
  });

  it("says that a camera hung up", () => {
    const error = diagnose(URL, { exitCode: 0, signal: null }, new ComplaintTail(URL));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain("The camera ended the stream");
  });

  it("never repeats credentials, in whichever URL they come", () => {
    const lines = [
      `[error] ${URL}: Connection refused`,
      "[error] could not open rtsp://root:hunter2@other/x",
    ];
    for (const line of lines) {
      expect(diagnosis(URL, line).message).not.toContain("hunter2");
    }
  });
});

describe("ComplaintTail", () => {
  it("keeps the last lines only", () => {
    const tail = new ComplaintTail("/v/a.mp4");
    for (let index = 0; index < 1000; index++) {
      tail.add(`[error] line ${String(index)}`);
    }
    expect(tail.lines).toHaveLength(20);
    expect(tail.reason).toBe("line 999");
  });
});
