import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { describeProblem, parseTown, printTown } from "../../../../brain/directory/index.ts";
import {
  bytesOf,
  change,
  demoTexts,
  edit,
  problemsOf,
  readTexts,
  type Texts,
  TODAY,
} from "./town-sample.ts";

let demo: Texts;
beforeAll(async () => {
  demo = await demoTexts();
});

const linesOf = (texts: ReadonlyMap<string, string>): string[] =>
  problemsOf(texts).map(describeProblem);

describe("the demonstration town", () => {
  it("is sound, and is written as it was read, byte for byte", () => {
    const { record, warnings } = readTexts(demo);
    expect(warnings).toEqual([]);
    expect(new Map(printTown(record))).toEqual(demo);
  });

  it("has one street, three communities, its grids, fifteen departments, ways from every camera", () => {
    const { record } = readTexts(demo);
    const count = (level: string): number => record.areas.filter((a) => a.level === level).length;
    expect([count("street"), count("community"), count("grid")]).toEqual([1, 3, 13]);
    expect(record.departments).toHaveLength(15);
    for (const { nodeId, cameraId } of record.cameras) {
      const ways = record.neighbours.filter(({ from }) => from === `${nodeId}/${cameraId}`);
      expect(ways.length, cameraId).toBeGreaterThan(0);
    }
  });
});

describe("a town's tables", () => {
  it("read alike with other line ends, column order, spaces, blank lines and no byte order mark", () => {
    const { record } = readTexts(demo);
    const messy = new Map(
      [...demo].map(([file, text]) => [file, text.replace("\ufeff", "").replaceAll("\n", "\r\n")]),
    );
    messy.set(
      "calendar.csv",
      [
        '"name" ,date,kind',
        "元旦,2026/1/1,holiday",
        ",,",
        ' "a, ""b"""  ,2026-1-2,workday',
        "",
      ].join("\r\n"),
    );
    const read = parseTown(bytesOf(messy), TODAY).record;
    expect({ ...read, days: [] }).toEqual({ ...record, days: [] });
    expect(read.days).toEqual([
      { date: "2026-01-01", kind: "holiday", name: "元旦" },
      { date: "2026-01-02", kind: "workday", name: 'a, "b"' },
    ]);
  });

  it("never let a cell run as a formula, and read it back as it was", () => {
    const row = (name: string): string => `2026-01-01,holiday,"${name.replaceAll('"', '""')}"\n`;
    const dangerous = fc.tuple(
      fc.constantFrom("", "'", "''"),
      fc.constantFrom("=", "+", "-", "@", "＝", "a"),
      fc.constantFrom('cmd|"/c calc"!A1', "1+1", "说明", "x\ny"),
    );
    fc.assert(
      fc.property(dangerous, (parts) => {
        const name = parts.join("");
        const written = printTown({
          ...readTexts(demo).record,
          days: [{ date: "2026-01-01", kind: "holiday", name }],
        });
        const text = written.get("calendar.csv") ?? "";
        expect(text).not.toMatch(/(?:^|[,\n])"?[=+\-@＝]/);
        const again = readTexts(new Map(written)).record;
        expect(again.days[0]?.name).toBe(name);
        // Typed by hand, without the guard.
        const typed = readTexts(new Map(demo).set("calendar.csv", `date,kind,name\n${row(name)}`));
        expect(typed.record.days[0]?.name).toBe(name.replace(/^'(?='*[=+\-@＝])/, ""));
      }),
      { numRuns: 15 },
    );
  });

  it("tell the line of a file in another encoding", () => {
    const bytes = bytesOf(demo);
    // 公安 in GBK, as spreadsheets save by default on many machines.
    const gbk = Uint8Array.from([
      ...Buffer.from("code,id\nGA,D02\n"),
      0xb9,
      0xab,
      0xb0,
      0xb2,
      0x0a,
    ]);
    bytes.set("departments.csv", gbk);
    expect(() => parseTown(bytes, TODAY)).toThrow(/not UTF-8.*departments\.csv:3.*CSV UTF-8/);
  });

  it("name unknown, missing and double columns", () => {
    const found = linesOf(new Map(demo).set("units.csv", "code,zh,zh,colour\n"));
    expect(found.filter((line) => line.includes("units.csv:1"))).toEqual([
      expect.stringMatching(/nobody knows.*got colour/),
      expect.stringMatching(/twice.*got zh/),
      expect.stringMatching(/lacks columns: department, kind, en, phone/),
    ]);
  });

  it("report every mistake at once, with file, line, field, what was expected and what came", () => {
    let texts = change(demo, "roster.csv", "ga-desk,110101001,3", "nobody,110101009,x");
    texts = change(texts, "working-hours.csv", "1,08:30,12:00", "1,8:30,25:00");
    texts = change(texts, "units.csv", "sanitation,CG,sanitation", "sanitation,QQ,broom");
    texts.delete("lines.csv");
    const found = linesOf(texts);
    expect(found).toEqual([
      "error: lines.csv: the file is missing; expected a readable file",
      expect.stringMatching(/^error: units\.csv:\d+ kind: .*expected one of utility, .*got broom$/),
      expect.stringMatching(/^error: roster\.csv:4 rank: .*expected number; got x$/),
      expect.stringMatching(/^error: working-hours\.csv:2 to: .*hh:mm; got 25:00$/),
      expect.stringMatching(/^error: responders\.csv:\d+ unit: .*units\.csv; got sanitation$/),
    ]);
  });

  it("refuse entries that point nowhere, doubles, and times out of order", () => {
    const cases: readonly [file: string, from: string, to: string, complaint: RegExp][] = [
      [
        "roster.csv",
        "ga-desk,110101001",
        "ga-desk,110101009",
        /roster\.csv:4 area.*grids\.geojson/,
      ],
      ["roster.csv", "24:00,,\n", "24:00,2026-02-01,2026-01-01\n", /ends before it begins/],
      ["roster.csv", "1234567", "7654321", /days 1–7 in order/],
      [
        "units.csv",
        "sanitation,CG",
        "sanitation,QQ",
        /units\.csv:\d+ department.*departments\.csv/,
      ],
      ["departments.csv", "GA,D02", "JT,D02", /there twice.*got JT/],
      ["departments.csv", "GA,D02", "GA,D01", /two departments have one id/],
      [
        "departments.csv",
        "ZZ,D01",
        "ZY,D01",
        /the hub is missing.*expected a department with the code ZZ/,
      ],
      [
        "responders.csv",
        "cleaning-crew,CG,sanitation",
        "cleaning-crew,GA,sanitation",
        /another department.*sanitation of CG/,
      ],
      [
        "neighbours.csv",
        "demo-node/demo-plaza,180,340,780",
        "demo-node/demo-plaza,500,340,780",
        /minS ≤ typicalS ≤ maxS/,
      ],
      [
        "neighbours.csv",
        "demo-node/demo-plaza,180",
        "demo-node/gone,180",
        /to: nothing of this name.*cameras\.geojson; got demo-node\/gone/,
      ],
      ["working-hours.csv", "1,13:30,18:00", "1,11:00,18:00", /working hours overlap/],
      [
        "lines.csv",
        "B3,特殊人群,Special groups,NOT linkable to video; ship disabled,no",
        "B3,特殊人群,Special groups,none,yes",
        /register of persons and stays disabled.*PR-11/,
      ],
      ["settings.csv", "Asia/Shanghai", "Asia/Nowhere", /timeZone.*IANA/],
      [
        "calendar.csv",
        "2026-01-01,holiday",
        "2026-02-30,holiday",
        /calendar\.csv:2 date.*YYYY-MM-DD.*2026-02-30/,
      ],
    ];
    for (const [file, from, to, complaint] of cases) {
      const found = linesOf(change(demo, file, from, to)).filter((line) => complaint.test(line));
      expect(found, `${file}: ${to}`).not.toEqual([]);
    }
  });

  it("warn of a department that events name and that is not there: the hub takes its share", () => {
    const texts = change(
      demo,
      "departments.csv",
      /^SF.*\n/m.exec(demo.get("departments.csv") ?? "")?.[0] ?? "",
      "",
    );
    const without = change(
      change(
        texts,
        "responders.csv",
        /^sf-desk.*\n/m.exec(demo.get("responders.csv") ?? "")?.[0] ?? "",
        "",
      ),
      "roster.csv",
      /^sf-desk.*\n/m.exec(demo.get("roster.csv") ?? "")?.[0] ?? "",
      "",
    );
    expect(linesOf(without)).toEqual([
      expect.stringMatching(
        /^warning: departments\.csv: events such as CIV\.DISPUTE name department SF/,
      ),
    ]);
  });
});

describe("a town's grids", () => {
  const FILE = "grids.geojson";
  const FIRST = "110101001001001";
  const ringOf = (one: { geometry: unknown }): number[][] =>
    (one.geometry as { coordinates: number[][][] }).coordinates[0] as number[][];

  it("must be closed, simple, and hold ground", () => {
    const spoil: readonly [RegExp, (ring: number[][]) => void][] = [
      [/ring is not closed/, (ring) => ring.pop()],
      [
        /crosses or touches itself.*edges \d and \d/,
        (ring) => {
          [ring[2], ring[4]] = [ring[4] as number[], ring[2] as number[]];
        },
      ],
      [/holds no area/, (ring) => ring.splice(0, ring.length, [1, 1], [1, 1.1], [1, 1.2], [1, 1])],
      [/\[longitude, latitude\] in degrees/, (ring) => ring.splice(1, 1, [39.9, 116.4])],
    ];
    for (const [complaint, by] of spoil) {
      const found = linesOf(edit(demo, FILE, FIRST, (one) => by(ringOf(one))));
      expect(found[0]).toMatch(complaint);
      expect(found[0]).toContain(`${FILE} feature 3 (${FIRST})`);
    }
  });

  it("must not share ground; borders that differ by less than a metre do not", () => {
    const moved = (degrees: number): string[] =>
      linesOf(
        edit(demo, FILE, FIRST, (one) => {
          for (const place of ringOf(one)) {
            place[0] = (place[0] as number) + degrees;
          }
        }),
      );
    expect(moved(0.000_005)).toEqual([]);
    expect(moved(0.000_2).join()).toMatch(/overlaps grid 110101001001001/);
    const twice = edit(demo, FILE, "110101001001002", (one) => {
      const first = JSON.parse(demo.get(FILE) ?? "") as { features: { geometry: unknown }[] };
      one.geometry = first.features[2]?.geometry;
    });
    expect(linesOf(twice).join()).toMatch(/overlaps grid/);
  });

  it("must have a code that fits level and parent, and a border", () => {
    const cases: readonly [
      RegExp,
      string,
      (one: { properties: Record<string, unknown>; geometry: unknown }) => void,
    ][] = [
      [
        /does not fit a grid; expected 15 digits; got 12/,
        FIRST,
        (one) => (one.properties["code"] = "110101001004"),
      ],
      [
        /nothing above it; expected a community with the code 110101001009/,
        FIRST,
        (one) => (one.properties["code"] = "110101001009001"),
      ],
      [
        /street number does not exist.*got 400/,
        FIRST,
        (one) => (one.properties["code"] = "110101400001001"),
      ],
      [/has no border/, FIRST, (one) => (one.geometry = null)],
      [
        /scheme.*expected one of unit.*got service/,
        FIRST,
        (one) => (one.properties["scheme"] = "service"),
      ],
      [/only known names; got colour/, FIRST, (one) => (one.properties["colour"] = "red")],
      [
        /outside of the area 110101001002 that its code names/,
        "110101001002",
        (one) =>
          (one.geometry = {
            type: "Polygon",
            coordinates: [
              [
                [0, 0],
                [1, 0],
                [1, 1],
                [0, 0],
              ],
            ],
          }),
      ],
    ];
    for (const [complaint, code, by] of cases) {
      expect(linesOf(edit(demo, FILE, code, by)).join("\n")).toMatch(complaint);
    }
  });

  it("must be JSON in a known reference system", () => {
    const broken = change(demo, FILE, '"geometry":null},', '"geometry":null}');
    expect(linesOf(broken)[0]).toMatch(/grids\.geojson:3: the file is not JSON/);
    const shifted = change(
      demo,
      FILE,
      '"features"',
      '"crs":{"properties":{"name":"GCJ02"}},"features"',
    );
    expect(linesOf(shifted)[0]).toMatch(/another reference system.*got GCJ02/);
  });
});

describe("a town's cameras", () => {
  const FILE = "cameras.geojson";
  const spoiled = (by: (properties: Record<string, unknown>) => void, camera = "demo-plaza") =>
    linesOf(edit(demo, FILE, camera, ({ properties }) => by(properties))).join("\n");

  it("PR-01: cannot be active without what the law asks for", () => {
    const empty: Record<string, unknown> = {
      managingUnit: "",
      purposes: [],
      necessity: "",
      installApproval: "",
      signPosted: false,
      legalClass: null,
      retentionDays: null,
      eventTypes: [],
      inUseSince: null,
    };
    for (const [field, value] of Object.entries(empty)) {
      const found = spoiled((properties) => (properties[field] = value));
      expect(found).toMatch(
        new RegExp(`\\(demo-plaza\\) ${field}: .*cannot be active.*\\(PR-01\\)`),
      );
      expect(
        spoiled((properties) => Object.assign(properties, { [field]: value, active: false })),
      ).not.toMatch(/PR-01/);
    }
  });

  it("PR-01: keep footage 30 days, 90 at key sites; article 9 has rules of its own", () => {
    const days = (retentionDays: number, more: object = {}): string =>
      spoiled((properties) => Object.assign(properties, { retentionDays, ...more }));
    expect(days(29)).toMatch(/at least 30 days; got 29/);
    expect(days(89, { tags: ["key-site"] })).toMatch(/at least 90 days at a key site; got 89/);
    expect(days(90, { tags: ["key-site"] })).toBe("");
    expect(days(7, { legalClass: "article-9", inUseSince: null, filedOn: null })).toBe("");
  });

  it("PR-01: warn of a filing that is due, and say when it is overdue", () => {
    const filing = (inUseSince: string): string =>
      spoiled((properties) => Object.assign(properties, { inUseSince, filedOn: null }));
    expect(filing("2026-11-20")).toMatch(/^warning: .*still due.*expected a filing by 2026-12-20/);
    expect(filing("2026-10-01")).toMatch(/^warning: .*overdue.*expected a filing by 2026-10-31/);
  });

  it("PR-02: cannot be where no camera may be, active or not", () => {
    for (const site of [
      "toilet",
      "changing-room",
      "dormitory-room",
      "guest-room",
      "nursing-room",
    ]) {
      const found = spoiled((properties) =>
        Object.assign(properties, { siteType: site, active: false }),
      );
      expect(found).toMatch(new RegExp(`siteType: .*whatever reason \\(PR-02\\).*got ${site}`));
    }
  });

  it("PR-03b: need their own ground for city management", () => {
    const add = (type: string, more: object = {}): string =>
      spoiled((properties) => {
        Object.assign(properties, more);
        (properties["eventTypes"] as string[]).push(type);
      });
    for (const type of ["UM.GARBAGE", "ENV.BURN"]) {
      expect(add(type)).toMatch(/serves city-management, the camera does not \(PR-03b\)/);
      expect(add(type, { purposes: ["public-safety", "city-management"] })).toBe("");
      const legalBases = [{ purpose: "city-management", basis: "Rules", recordedOn: "2026-01-01" }];
      expect(add(type, { legalBases })).toBe("");
    }
    expect(add("CIV.DISPUTE")).toMatch(/an event type that video may serve/);
    expect(add("DEV.TAMPER")).toBe("");
    expect(add("SEC.NOPE")).toMatch(/event type is unknown/);
  });

  it("PR-10: tell of fire, crush and themselves only at religious and medical sites", () => {
    for (const tag of ["religious-site", "medical-interior"]) {
      const with_ = (eventTypes: string[]): string =>
        spoiled((properties) => Object.assign(properties, { tags: [tag], eventTypes }));
      expect(with_(["FIR.SMOKE", "SEC.CROWD", "DEV.LOST"])).toBe("");
      expect(with_(["SEC.LOITER"])).toMatch(/may not tell of this \(PR-10\).*got SEC\.LOITER/);
    }
  });
});
