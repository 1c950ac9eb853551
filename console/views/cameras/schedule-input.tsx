/** When a rule is on: spans of days and hours; without any, always. */
import { WEEK, type FieldFault, type Span } from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";
import { useFaultWords } from "./fault-words.ts";

interface ScheduleInputProps {
  readonly spans: readonly Span[];
  readonly fault: FieldFault | null;
  readonly onChange: (spans: readonly Span[]) => void;
}

const FIRST: Span = { days: WEEK, from: "22:00", to: "06:00" };

export function ScheduleInput({ spans, fault, onChange }: ScheduleInputProps) {
  const words = useWords();
  const faultWords = useFaultWords();
  const change = (index: number, next: Span | null): void =>
    onChange(spans.flatMap((span, at) => (at !== index ? [span] : next === null ? [] : [next])));
  return (
    <fieldset className="field schedule" data-field="schedule">
      <legend>{words("schedule.title")}</legend>
      <small className="muted">{words("schedule.hint")}</small>
      {fault !== null && (
        <span className="form-error" role="alert">
          {faultWords(fault)}
        </span>
      )}
      {spans.length === 0 && <span>{words("schedule.always")}</span>}
      {spans.map((span, index) => (
        <SpanInput
          // A span is where it is in the list.
          key={index}
          span={span}
          number={index + 1}
          onChange={(next) => change(index, next)}
        />
      ))}
      <span>
        <button
          type="button"
          className="button button-small"
          onClick={() => onChange([...spans, FIRST])}
        >
          {words("schedule.add")}
        </button>
      </span>
    </fieldset>
  );
}

interface SpanInputProps {
  readonly span: Span;
  readonly number: number;
  readonly onChange: (span: Span | null) => void;
}

function SpanInput({ span, number, onChange }: SpanInputProps) {
  const words = useWords();
  const days = span.days ?? WEEK;
  const toggle = (day: number): void => {
    const next = days.includes(day)
      ? days.filter((one) => one !== day)
      : [...days, day].sort((a, b) => a - b);
    onChange({ ...span, days: next });
  };
  return (
    <div className="span" role="group" aria-label={words("schedule.span", { number })}>
      <span className="days" role="group" aria-label={words("schedule.days")}>
        {WEEK.map((day) => (
          <button
            key={day}
            type="button"
            className="day"
            aria-pressed={days.includes(day)}
            onClick={() => toggle(day)}
          >
            {words(`day.${day}`)}
          </button>
        ))}
      </span>
      <input
        type="time"
        value={span.from}
        aria-label={words("schedule.from")}
        onChange={(event) => onChange({ ...span, from: event.target.value })}
      />
      –
      <input
        type="time"
        value={span.to}
        aria-label={words("schedule.to")}
        onChange={(event) => onChange({ ...span, to: event.target.value })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={words("schedule.remove", { number })}
        onClick={() => onChange(null)}
      >
        −
      </button>
    </div>
  );
}

/** "Mon–Fri 22:00–06:00", in the page's language. */
export function useScheduleWords(): (spans: readonly Span[]) => string {
  const words = useWords();
  return (spans) =>
    spans.length === 0
      ? words("schedule.always")
      : spans
          .map(({ days = WEEK, from, to }) => {
            const names =
              days.length === 7
                ? words("schedule.daily")
                : days.map((day) => words(`day.${day as 1}`)).join(words("listComma"));
            return `${names} ${from}–${to}`;
          })
          .join("; ");
}
