/**
 * How the work goes: commands to the case of a task, and a department's part in a whistle. Both
 * are optional; a department that only acknowledges tells the rest by telephone.
 */
import {
  type CaseCommandAnswer,
  caseCommandAnswerSchema,
  partyCommandSchema,
  taskCommandSchema,
} from "../../protocol/index.ts";
import type { z } from "zod";
import { type PostJson, postSigned, type Signer, signRequest } from "./signed-post.ts";

export interface ProgressRequest extends Signer {
  /** `data.acknowledgeUrl` of the task: the brain's other addresses lie beside it. */
  readonly acknowledgeUrl: string;
  /**
   * Names the command, such as `<task id>.start`. The same id with the same command may be sent
   * any number of times and is carried out once.
   */
  readonly id: string;
}

/**
 * Moves the case: `start`, `contain`, `handle`, `suspend`, `resume`. Only the lead's task may.
 *
 * @throws TransientError to be tried again; PermanentError where the case cannot take it.
 */
export async function commandTask(
  request: ProgressRequest,
  command: z.input<typeof taskCommandSchema>,
  post: PostJson,
  signal: AbortSignal,
): Promise<CaseCommandAnswer> {
  const url = request.acknowledgeUrl.replace(/\/acknowledgement$/, "/commands");
  const signed = signRequest(request, request.id, taskCommandSchema.parse(command));
  const answer = await postSigned(url, signed, post, signal);
  return caseCommandAnswerSchema.parse(JSON.parse(answer));
}

/**
 * A department's part in a whistle: `answer`, `check-in`, `take`, `feed-back`, `rate`. The whistle's
 * id is `data.whistle.id` of the task.
 *
 * @throws TransientError to be tried again; PermanentError where the whistle cannot take it.
 */
export async function commandWhistle(
  request: ProgressRequest,
  whistleId: string,
  command: z.input<typeof partyCommandSchema>,
  post: PostJson,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(
    `/v1/whistles/${encodeURIComponent(whistleId)}/party-commands`,
    request.acknowledgeUrl,
  );
  const signed = signRequest(request, request.id, partyCommandSchema.parse(command));
  await postSigned(url.href, signed, post, signal);
}
