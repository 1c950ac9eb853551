/** Whose requests are counted: the client's behind a proxy that is named, and nobody's own word. */
import { afterEach, describe, expect, it } from "vitest";
import { type BrainBench, startBench } from "./brain-bench.ts";

let bench: BrainBench | undefined;
afterEach(async () => {
  await bench?.[Symbol.asyncDispose]();
});

/** Looks of one client until it is turned away; 0 where it never is. */
async function looksUntilRefused(forwarded: (look: number) => string): Promise<number> {
  for (let look = 1; look <= 220; look += 1) {
    const response = await fetch(`${bench?.url ?? ""}/v1/report-areas?q=x`, {
      headers: { "x-forwarded-for": forwarded(look) },
    });
    await response.text();
    if (response.status === 429) {
      return look;
    }
  }
  return 0;
}

describe("limits of an address", () => {
  it("cannot be escaped by a header where no proxy is named", async () => {
    bench = await startBench({ endpoints: [] });
    expect(await looksUntilRefused((look) => `203.0.113.${look}`)).toBe(201);
  });

  it("count each client behind a named proxy, by the address that the proxy saw", async () => {
    const server = { port: 0, trustedProxies: ["127.0.0.0/8"] };
    bench = await startBench({ endpoints: [], config: { server } });
    expect(await looksUntilRefused(() => "198.51.100.1")).toBe(201);
    expect(await looksUntilRefused((look) => `203.0.113.${look}`)).toBe(0);
    // What a client wrote itself stands before what the proxy added, and is not believed.
    expect(await looksUntilRefused((look) => `203.0.113.${look}, 198.51.100.2`)).toBe(201);
  });
});
