import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OpenAlarms } from "../../edge/open-alarms.ts";
import type { AlarmId } from "../../protocol/index.ts";

const ID = "0190b0a0-0000-7000-8000-000000000001" as AlarmId;
const ALARM = { camera: "cam", rule: "zone", alarmId: ID, onset: 10, lastSeen: 20 };

describe("OpenAlarms", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sesb-open-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("remembers over a crash what had begun and not ended", () => {
    const before = new OpenAlarms(folder);
    before.opened(ALARM);
    before.seen(ID, 30);
    expect(new OpenAlarms(folder).of("cam")).toEqual([{ ...ALARM, lastSeen: 30 }]);
    expect(new OpenAlarms(folder).of("other")).toEqual([]);
  });

  it("forgets what has ended", () => {
    const before = new OpenAlarms(folder);
    before.opened(ALARM);
    before.closed(ID);
    expect(new OpenAlarms(folder).of("cam")).toEqual([]);
  });

  it("starts afresh from a file it cannot read", () => {
    writeFileSync(path.join(folder, "open-alarms.json"), '{"alarms":[{"camera":');
    expect(new OpenAlarms(folder).of("cam")).toEqual([]);
  });
});
