import { describe, expect, it } from "vitest";
import { create } from "xmlbuilder2";
import { capMessage, capTime } from "../../../brain/api/cap-message.ts";
import type { CaseRow } from "../../../brain/store/index.ts";

const ROW = {
  id: "0190b0a0-0000-7000-8000-000000000001",
  incident_id: "0190b0a0-0000-7000-8000-000000000002",
  number: "20261124-0001",
  event_type: "FIR.LANE",
  title: { zh: "占用 & 堵塞<消防通道>", en: "Fire lane blocked" },
  line: "X2",
  severity: 3,
  service_level: "S1",
  state: "FILED",
  version: 1,
  lead: "XF",
  camera_name: "East gate",
  location: { lat: 39.8, lon: 116.5, crs: "WGS84", accuracyM: 12, gridCode: "110115101001001" },
  onset: new Date("2026-11-24T08:00:00.250Z"),
  reported_at: new Date("2026-11-24T08:00:01Z"),
  updated_at: new Date("2026-11-24T08:00:02Z"),
} as unknown as CaseRow;

interface Info {
  readonly headline: string;
  readonly onset: string;
  readonly severity: string;
  readonly responseType: string;
  readonly area: { readonly circle?: string; readonly geocode?: { readonly value: string } };
}
interface Alert {
  readonly identifier: string;
  readonly sent: string;
  readonly msgType: string;
  readonly scope: string;
  readonly restriction: string;
  readonly references?: string;
  readonly info: readonly [Info, Info];
}

function read(row: Partial<CaseRow> = {}): Alert {
  const document = create(capMessage({ ...ROW, ...row })).end({ format: "object" });
  return (document as unknown as { alert: Alert }).alert;
}

describe("a case as a CAP message", () => {
  it("tells what, where and how grave, in both languages, whatever signs the text has", () => {
    const { info, ...alert } = read();
    expect(alert).toMatchObject({ msgType: "Alert", scope: "Restricted" });
    expect(alert.restriction).not.toBe("");
    expect(info.map(({ headline }) => headline)).toEqual([
      // The reader of this test leaves entities as they stand in the text.
      "占用 &amp; 堵塞&lt;消防通道&gt; 20261124-0001",
      "Fire lane blocked 20261124-0001",
    ]);
    expect(info[0]).toMatchObject({ severity: "Moderate", responseType: "Execute" });
    expect(info[0].area).toMatchObject({
      circle: "39.8,116.5 0.012",
      geocode: { value: "110115101001001" },
    });
  });

  it("keeps to the standard's times and identifiers", () => {
    const { identifier, sent, info } = read();
    expect(identifier).not.toMatch(/[\s,<&]/);
    for (const time of [sent, info[0].onset, capTime(Date.now())]) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/);
    }
  });

  it("refers to the first message in an update, and cancels what was rejected", () => {
    const update = read({ version: 3 });
    expect(update.msgType).toBe("Update");
    expect(update.references).toBe(`sharp-eyes-smart-brain,${ROW.id}.1,2026-11-24T08:00:01+00:00`);
    expect(read({ version: 2, state: "REJECTED" }).msgType).toBe("Cancel");
    expect(read({ version: 9, state: "CLOSED" }).info[0].responseType).toBe("AllClear");
  });

  it("gives no circle for a place that is not in WGS84", () => {
    const location = { ...ROW.location, crs: "GCJ02" } as CaseRow["location"];
    expect(read({ location }).info[0].area.circle).toBeUndefined();
  });
});
