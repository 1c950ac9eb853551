/** The commands that an action's form stands for, in their order. */
import type { CaseSummary } from "../../../protocol/index.ts";
import {
  commandOf,
  fieldsOf,
  type ActionContext,
  type ActionOffer,
  type BlowBody,
  type CommandApi,
  type ListedActions,
  type FormValues,
  type Step,
} from "../../model/index.ts";

export interface StepsInput {
  readonly api: CommandApi;
  readonly offer: ActionOffer;
  readonly context: ActionContext & { readonly summary: CaseSummary };
  readonly values: FormValues;
  readonly onAnswer: (answer: Ahead) => void;
}

/** What an answer has told, until the stream tells the same. */
export interface Ahead extends Pick<ListedActions, "state" | "version"> {
  readonly actions?: ListedActions["actions"] | undefined;
}

export function stepsOf(input: StepsInput): readonly Step[] {
  const { offer } = input;
  if (offer.kind === "whistle") {
    return [blowStep(input)];
  }
  const filing = input.context.actions?.find(({ kind }) => kind === "file");
  const file = { ...offer, kind: "file", as: filing?.as ?? null, filesFirst: false } as const;
  const own = { ...offer, filesFirst: false };
  return offer.filesFirst ? [caseStep(input, file), caseStep(input, own)] : [caseStep(input, own)];
}

function caseStep({ api, context, values, onAnswer }: StepsInput, offer: ActionOffer): Step {
  const fields = fieldsOf(offer);
  const { as } = offer;
  const command = commandOf(offer.kind, fields, values);
  return async (expectedVersion, key) => {
    const body = { expectedVersion, command, ...(as === null ? {} : { as }) };
    const answer = await api.command(context.summary.id, body, key);
    onAnswer(answer);
    return answer.version;
  };
}

function blowStep({ api, offer, context, values }: StepsInput): Step {
  const { as } = offer;
  // The whistle's own kind takes the place of the command's.
  const whistle = commandOf("whistle", fieldsOf(offer), values) as unknown as BlowBody["whistle"];
  return async (expectedVersion, key) => {
    const { id: caseId } = context.summary;
    const body = { caseId, expectedVersion, whistle, ...(as === null ? {} : { as }) };
    await api.blow(body, key);
    return expectedVersion;
  };
}
