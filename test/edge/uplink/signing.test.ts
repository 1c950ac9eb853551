import { Webhook } from "standardwebhooks";
import { Webhook as Peer } from "svix";
import { describe, expect, it } from "vitest";
import { Signer } from "../../../edge/uplink/index.ts";
import { FakeClock } from "./fake-clock.ts";

const SECRET = `whsec_${Buffer.from("a secret of this test").toString("base64")}`;

describe("Signer", () => {
  it("signs so that Standard Webhooks verifiers agree, ours and a peer's", () => {
    const clock = new FakeClock(Date.now()); // Verifiers look at the wall clock.
    const headers = new Signer({ nodeId: "node-1", secret: `${SECRET}\n`, clock }).headers("[1]");
    expect(headers["x-sesb-sender"]).toBe("node-1");
    expect(new Webhook(SECRET).verify("[1]", headers)).toEqual([1]);
    expect(new Peer(SECRET).verify("[1]", headers)).toEqual([1]);
    expect(() => new Webhook(SECRET).verify("[2]", headers)).toThrow();
  });

  it("gives every request an id of its own", () => {
    const signer = new Signer({ nodeId: "node-1", secret: SECRET, clock: new FakeClock() });
    expect(signer.headers("x")["webhook-id"]).not.toBe(signer.headers("x")["webhook-id"]);
  });

  it("refuses an unreadable secret without quoting it", () => {
    const make = (): Signer =>
      new Signer({ nodeId: "n", secret: "whsec_!!hush!!", clock: new FakeClock() });
    expect(make).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(make).toThrow(/^(?!.*hush)/);
  });
});
