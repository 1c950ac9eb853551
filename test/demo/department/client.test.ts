import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import {
  acceptance,
  acknowledge,
  readTask,
  signAcknowledgement,
  type AcknowledgeRequest,
  type PostJson,
} from "../../../demo/department/index.ts";
import {
  acknowledgementSchema,
  deliveryIdSchema,
  PermanentError,
  TransientError,
} from "../../../protocol/index.ts";
import { ACKNOWLEDGE_URL, DELIVERY_ID, OTHER_SECRET, SECRET, signed, task } from "./fixtures.ts";

const BODY = JSON.stringify(task());
const deliveryId = deliveryIdSchema.parse(DELIVERY_ID);

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof PermanentError ? error.code : String(error);
  }
  return "nothing";
}

describe("reading a task webhook", () => {
  it("gives the task and the delivery's id", () => {
    const received = readTask(SECRET, signed(BODY), Buffer.from(BODY));
    expect(received.deliveryId).toBe(DELIVERY_ID);
    expect(received.task.data.department).toBe("GA");
  });

  it("refuses a changed body, another secret, another id and an old signature", () => {
    const changed = Buffer.from(BODY.replace('"GA"', '"XF"'));
    const old = new Date(Date.now() - 600_000);
    const body = Buffer.from(BODY);
    expect(code(() => readTask(SECRET, signed(BODY), changed))).toBe("SIGNATURE_WRONG");
    expect(code(() => readTask(OTHER_SECRET, signed(BODY), body))).toBe("SIGNATURE_WRONG");
    const otherId = { ...signed(BODY), "webhook-id": DELIVERY_ID.replace(/1$/, "2") };
    expect(code(() => readTask(SECRET, otherId, body))).toBe("SIGNATURE_WRONG");
    expect(code(() => readTask(SECRET, signed(BODY, { at: old }), body))).toBe("SIGNATURE_WRONG");
  });

  it("names the header that is missing", () => {
    const headers: Record<string, string | undefined> = signed(BODY);
    headers["webhook-signature"] = undefined;
    const read = (): unknown => readTask(SECRET, headers, Buffer.from(BODY));
    expect(code(read)).toBe("SIGNATURE_MISSING");
    expect(read).toThrow(/webhook-signature/);
  });

  it("refuses a well-signed body that is not JSON or not a task", () => {
    const read = (body: string): unknown => readTask(SECRET, signed(body), Buffer.from(body));
    expect(code(() => read("{"))).toBe("EVENT_INVALID");
    expect(() => read(JSON.stringify(task({ severity: 9 })))).toThrow(/data\.severity/);
    expect(() => read(JSON.stringify(task({ extra: 1 })))).toThrow(/only known keys.*extra/);
  });
});

describe("acknowledging", () => {
  const request: AcknowledgeRequest = {
    acknowledgeUrl: ACKNOWLEDGE_URL,
    department: "GA",
    secret: SECRET,
    acknowledgement: acceptance(deliveryId, 1_764_000_000_000, "duty desk", "GA-1"),
    now: Date.now(),
  };
  const never = new AbortController().signal;
  const answering =
    (status: number): PostJson =>
    () =>
      Promise.resolve({ status, text: () => Promise.resolve("answer") });

  it("sends what the schema demands, named and signed so that another library accepts it", () => {
    const { headers, body } = signAcknowledgement(request);
    expect(acknowledgementSchema.parse(JSON.parse(body))).toMatchObject({
      deliveryId: DELIVERY_ID,
      decision: "accepted",
    });
    expect(headers["x-sesb-sender"]).toBe("GA");
    expect(() => new SvixWebhook(SECRET).verify(body, { ...headers })).not.toThrow();
  });

  it("is done with any 2xx", async () => {
    await expect(acknowledge(request, answering(200), never)).resolves.toBeUndefined();
  });

  it.each([500, 503, 429])("is tried again after %i", async (status) => {
    await expect(acknowledge(request, answering(status), never)).rejects.toThrow(TransientError);
  });

  it("is tried again when nobody answers", async () => {
    const post: PostJson = () => Promise.reject(new Error("connect"));
    await expect(acknowledge(request, post, never)).rejects.toThrow(TransientError);
  });

  it.each([400, 401, 404, 409, 422])("is given up after %i", async (status) => {
    await expect(acknowledge(request, answering(status), never)).rejects.toThrow(PermanentError);
  });
});
