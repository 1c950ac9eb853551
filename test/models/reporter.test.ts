import { describe, expect, it } from "vitest";
import { createReporter } from "../../models/reporter.ts";

function recorded(isTTY: boolean) {
  const lines: string[] = [];
  let nowMs = 0;
  const output = { isTTY, write: (text: string) => lines.push(text) };
  const reporter = createReporter("nanodet", output, () => nowMs);
  return { lines, reporter, advance: (byMs: number) => (nowMs += byMs) };
}

const fetching = { step: "fetch", receivedBytes: 50_000_000, totalBytes: 100_000_000 } as const;

describe("reporter", () => {
  it("writes a line every two seconds where there is no terminal", () => {
    const { lines, reporter, advance } = recorded(false);
    for (let step = 0; step < 10; step += 1) {
      reporter.show(fetching);
      advance(500);
    }
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(
      "nanodet: fetching [############............] 50.0 of 100.0 MB (2.0 s)\n",
    );
  });

  it("writes at once when a step begins", () => {
    const { lines, reporter } = recorded(false);
    reporter.show(fetching);
    reporter.show({ step: "verify" });
    expect(lines).toHaveLength(2);
  });

  it("moves one line on a terminal", () => {
    const { lines, reporter } = recorded(true);
    reporter.show(fetching);
    reporter.show(fetching);
    reporter.finish("done");
    expect(lines.every((line) => line.startsWith("\r"))).toBe(true);
    expect(lines.filter((line) => line.endsWith("\n"))).toHaveLength(1);
  });
});
