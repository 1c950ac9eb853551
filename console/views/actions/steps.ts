/** The commands that an action's form stands for, in their order. */
import type { CaseState, CaseSummary } from "../../../protocol/index.ts";
import {
  actorFor,
  commandOf,
  fieldsOf,
  type ActionContext,
  type ActionOffer,
  type BlowBody,
  type CommandApi,
  type FormValues,
  type Step,
} from "../../model/index.ts";

export interface StepsInput {
  readonly api: CommandApi;
  readonly offer: ActionOffer;
  readonly context: ActionContext & { readonly summary: CaseSummary };
  readonly values: FormValues;
  readonly onAnswer: (answer: { readonly state: CaseState; readonly version: number }) => void;
}

export function stepsOf(input: StepsInput): readonly Step[] {
  const { offer } = input;
  if (offer.kind === "whistle") {
    return [blowStep(input)];
  }
  const file = { ...offer, kind: "file", filesFirst: false } as const;
  const own = { ...offer, filesFirst: false };
  return offer.filesFirst ? [caseStep(input, file), caseStep(input, own)] : [caseStep(input, own)];
}

function caseStep({ api, context, values, onAnswer }: StepsInput, offer: ActionOffer): Step {
  const fields = fieldsOf(offer);
  const as = actorFor(offer.kind, context);
  const command = commandOf(offer.kind, fields, values);
  return async (expectedVersion, key) => {
    const body = { expectedVersion, command, ...(as === undefined ? {} : { as }) };
    const answer = await api.command(context.summary.id, body, key);
    onAnswer(answer);
    return answer.version;
  };
}

function blowStep({ api, offer, context, values }: StepsInput): Step {
  const as = actorFor("whistle", context);
  // The whistle's own kind takes the place of the command's.
  const whistle = commandOf("whistle", fieldsOf(offer), values) as unknown as BlowBody["whistle"];
  return async (expectedVersion, key) => {
    const { id: caseId } = context.summary;
    const body = { caseId, expectedVersion, whistle, ...(as === undefined ? {} : { as }) };
    await api.blow(body, key);
    return expectedVersion;
  };
}
