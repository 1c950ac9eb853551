/** What departments' addresses receive, for the OpenAPI document. */
import { z } from "zod";
import { departmentMessageSchema, pingMessageSchema } from "../../protocol/index.ts";

export const DEPARTMENT_MESSAGES = {
  departmentMessage: {
    post: {
      summary: "A task for a department, or word that a task is taken back",
      description:
        "Signed to the Standard Webhooks specification. `webhook-id` stays the same over all " +
        "attempts; messages of one task come in their order. Answer 2xx to a `type` that you do " +
        "not know.",
      tags: ["department"],
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: z.toJSONSchema(departmentMessageSchema) as object },
        },
      },
      responses: { "204": { description: "Stored" } },
    },
  },
  endpointPing: {
    post: {
      summary: "A message that only asks whether somebody is there",
      description:
        "Sent when an administrator tries the address, signed as every other message. Answer 2xx " +
        "and do nothing.",
      tags: ["department"],
      requestBody: {
        required: true,
        content: { "application/json": { schema: z.toJSONSchema(pingMessageSchema) as object } },
      },
      responses: { "204": { description: "Heard" } },
    },
  },
};
