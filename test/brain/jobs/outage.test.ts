import { describe, expect, it } from "vitest";
import { Outage } from "../../../brain/jobs/outage.ts";

describe("Outage", () => {
  it("says once that it began and once that it ended, each time", () => {
    const said: string[] = [];
    const push = (_fields: object, message: string): void => void said.push(message);
    const outage = new Outage("The queue", { info: push, warn: push, error: push });
    outage.end();
    outage.begin("refused");
    outage.begin("refused");
    expect(outage.isOn).toBe(true);
    outage.end();
    outage.end();
    outage.begin("refused");
    expect(said).toEqual([
      "The queue cannot be reached",
      "The queue can be reached again",
      "The queue cannot be reached",
    ]);
  });
});
