/** Somebody was first: who, why, and what they changed. The draft stays until one decides. */
import type { CameraDetail } from "../../../protocol/index.ts";
import { changesOf, layOver } from "../../model/cameras/index.ts";
import { Icon } from "../icons.tsx";
import { useTimeWords } from "../wording.tsx";
import { useWords } from "./context.tsx";
import type { UsedDraft } from "./use-draft.ts";

export function NewerPlan({
  detail,
  used,
}: {
  readonly detail: CameraDetail;
  readonly used: UsedDraft;
}) {
  const words = useWords();
  const times = useTimeWords();
  const { base, draft } = used;
  const both = layOver(draft, base).both;
  const since = detail.history.filter(({ version }) => version > draft.base.version);
  const theirs = changesOf({ base: draft.base, rules: base.rules }).filter(
    ({ kind }) => kind !== "same",
  );
  return (
    <div className="outcome outcome-conflict newer-plan" role="alert">
      <h3>
        <Icon name="pulse" />
        {words("newer.title", { version: base.version })}
      </h3>
      <ul>
        {since.map(({ version, at, by, reason }) => (
          <li key={version}>
            {words("newer.by", { version, name: by.name, time: times.dateTime(at) })} {reason}
          </li>
        ))}
      </ul>
      <p>
        {words("newer.theirs")}{" "}
        {theirs
          .map(({ kind, id }) => `${words(`change.${kind as "added"}`)} ${id}`)
          .join(words("listComma"))}
      </p>
      {both.length > 0 && <BothWords both={both} isLaid={false} />}
      <span className="outcome-buttons">
        <button type="button" className="button button-small" onClick={used.layOver}>
          {words("newer.layOver")}
        </button>
        <button type="button" className="button button-small" onClick={used.discard}>
          {words("newer.takeTheirs")}
        </button>
      </span>
    </div>
  );
}

interface BothWordsProps {
  readonly both: readonly string[];
  /** The draft already lies on the newer plan. */
  readonly isLaid: boolean;
}

/** Which rules both sides changed, and whose stands. */
export function BothWords({ both, isLaid }: BothWordsProps) {
  const words = useWords();
  const names = both.join(words("listComma"));
  return (
    <p className="form-warning">{words(isLaid ? "newer.bothLaid" : "newer.both", { names })}</p>
  );
}
