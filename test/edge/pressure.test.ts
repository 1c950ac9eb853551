import { describe, expect, it } from "vitest";
import { Pressure } from "../../edge/pressure.ts";

/** Ten pictures a second for `seconds`, each `ageMs` old when it comes. */
function feed(pressure: Pressure, fromS: number, seconds: number, ageMs: number): void {
  for (let i = 0; i < seconds * 10; i++) {
    pressure.note(fromS * 1000 + i * 100, ageMs);
  }
}

describe("pressure", () => {
  it("leaves nothing out while pictures come in time", () => {
    const pressure = new Pressure();
    feed(pressure, 0, 20, 60);
    expect(pressure.gapMs).toBe(0);
  });

  it("leaves out more, second by second, while they come late", () => {
    const pressure = new Pressure();
    feed(pressure, 0, 2, 300);
    const first = pressure.gapMs;
    expect(first).toBeGreaterThan(100);
    feed(pressure, 2, 2, 300);
    expect(pressure.gapMs).toBeGreaterThan(first);
  });

  it("takes all again, more slowly, once they come in time", () => {
    const pressure = new Pressure();
    feed(pressure, 0, 4, 300);
    const pressed = pressure.gapMs;
    feed(pressure, 4, 3, 60);
    expect(pressure.gapMs).toBeGreaterThan(0.8 * pressed);
    feed(pressure, 7, 60, 60);
    expect(pressure.gapMs).toBe(0);
  });

  it("is not moved by a single late picture", () => {
    const pressure = new Pressure();
    feed(pressure, 0, 5, 60);
    pressure.note(5000, 5000);
    feed(pressure, 5.1, 5, 60);
    expect(pressure.gapMs).toBe(0);
  });
});
