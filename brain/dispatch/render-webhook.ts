/** The message of a delivery as it travels: stored payload plus the brain's own address. */
import { type TaskWebhook, WEBHOOK_BYTES } from "../../protocol/index.ts";
import type { DeliveryPayload } from "../store/index.ts";

/**
 * @param baseUrl address of the brain without a closing slash.
 * The picture links are left out where they would make the message too large; the case names
 * them anyway.
 */
export function renderWebhook(payload: DeliveryPayload, baseUrl: string): Buffer {
  if (payload.type === "task.cancelled") {
    return Buffer.from(JSON.stringify(payload));
  }
  const { evidence, ...data } = payload.data;
  const render = (links: typeof evidence): Buffer => {
    const message = {
      ...payload,
      data: {
        ...data,
        evidence: links.map((link) => ({
          ...link,
          url: `${baseUrl}/v1/evidence/${link.sha256}`,
        })),
        acknowledgeUrl: `${baseUrl}/v1/tasks/${data.taskId}/acknowledgement`,
      },
    };
    return Buffer.from(JSON.stringify(message satisfies Unbranded));
  };
  const complete = render(evidence);
  return complete.length <= WEBHOOK_BYTES ? complete : render([]);
}

type Unbranded = Omit<TaskWebhook, "data"> & {
  readonly data: Omit<TaskWebhook["data"], "evidence" | "taskId" | "caseId">;
};
