/**
 * Runs the fake brain for working on the page: `node --import tsx test/support/fake-brain/main.ts`.
 * Every few seconds a case appears and another moves on.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { startFakeBrain } from "./fake-brain.ts";
import type { ScriptedCase } from "./case-script.ts";

const SHOW: readonly ScriptedCase[] = [
  { eventType: "UM.GARBAGE", ageMs: 26 * 3_600_000, state: "ACCEPTED" },
  { eventType: "FIR.LANE", ageMs: 10_400_000, state: "ACCEPTED" },
  { eventType: "SEC.CROSS", ageMs: 11_000_000, state: "RETURNED" },
  { eventType: "TRF.WRONG", ageMs: 9_300_000, state: "DISPATCHED" },
  { eventType: "WAT.RISK", ageMs: 5_900_000, state: "ACCEPTED", failures: 2 },
  { eventType: "SEC.LOITER", ageMs: 1_300_000, state: "DISPATCHED", picture: null },
  { eventType: "SCH.GATE", ageMs: 400_000, state: "REPORTED" },
  { eventType: "SEC.INTRUDE", ageMs: 255_000, state: "FILED" },
  { eventType: "SEC.CROWD", ageMs: 130_000, state: "ACCEPTED", failures: 1 },
  { eventType: "SEC.INTRUDE", ageMs: 48_000, state: "DISPATCHED", failures: 1 },
  { eventType: "FIR.SMOKE", ageMs: 9_000, state: "DISPATCHED", picture: false },
];
const EVERY_MS = 6_000;

const folder = process.env["FAKE_BRAIN_PICTURES"];
const pictures =
  folder === undefined || !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith(".jpg"))
        .map((name) => readFileSync(join(folder, name)));
const key = process.env["FAKE_BRAIN_KEY"];
const brain = await startFakeBrain({
  pageFolder: resolve(import.meta.dirname, "../../../dist/console"),
  port: Number(process.env["FAKE_BRAIN_PORT"] ?? 8080),
  pictures,
  ...(key === undefined ? {} : { key }),
});
for (const wish of SHOW) {
  brain.addCase(wish);
}
console.log(`fake brain: ${brain.url}`);
let newest = "";
if (process.env["FAKE_BRAIN_STILL"] === undefined) {
  setInterval(() => {
    if (newest !== "") {
      brain.move(newest, "DISPATCHED");
    }
    newest = brain.addCase({ eventType: "SEC.INTRUDE" }).id;
  }, EVERY_MS);
}
