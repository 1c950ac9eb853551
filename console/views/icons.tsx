/** Drawn signs. Shape carries the meaning as well as colour does; words stand beside them. */
import type { Severity } from "../../protocol/index.ts";
import type { ClockLevel } from "../model/index.ts";

interface IconProps {
  readonly name: keyof typeof PATHS;
}

const PATHS = {
  sound: "M2 6v4h2.5L8 13V3L4.5 6ZM10.5 5.5a3.5 3.5 0 0 1 0 5M12.5 3.5a6.4 6.4 0 0 1 0 9",
  muted: "M2 6v4h2.5L8 13V3L4.5 6ZM10.5 6l4 4M14.5 6l-4 4",
  person: "M8 2a2.8 2.8 0 1 0 0 5.6A2.8 2.8 0 0 0 8 2ZM2.5 14c.6-3 2.7-4.6 5.5-4.6s4.9 1.6 5.5 4.6",
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  sun: "M8 4.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8ZM8 .9v1.7M8 13.4v1.7M.9 8h1.7M13.4 8h1.7M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3",
  moon: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  back: "M10 2.5 4.5 8l5.5 5.5",
  up: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.7 3.7",
  check: "m3 8.5 3.3 3.3L13 4.8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8Z",
  picture: "M2 3h12v10H2ZM2 11l3.5-3.5 3 3L11 8l3 3M10.5 5.8h.01",
  pulse: "M1 8h3.5l2-5 3 10 2-5H15",
  camera: "M1.5 4.5h8.5v7H1.5ZM10 7.2l4.5-2.4v6.4L10 8.8",
  node: "M2.5 2.5h11v4.5h-11ZM2.5 9h11v4.5h-11ZM5 4.8h.01M5 11.2h.01",
  send: "M14 2 1.8 6.8l4.8 2.6L9.2 14ZM6.6 9.4 14 2",
  inbox: "M2 9.5 4 3h8l2 6.5V13H2ZM2 9.5h3.5L6.5 11h3l1-1.5H14",
  place:
    "M8 14.5S3 9.8 3 6.4a5 5 0 0 1 10 0c0 3.4-5 8.1-5 8.1ZM8 5v.01M8 8.1a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z",
  shield: "M8 1.5 2.8 3.6v4c0 3.4 2.2 5.8 5.2 6.9 3-1.1 5.2-3.5 5.2-6.9v-4Z",
} as const;

export function Icon({ name }: IconProps) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function EyeMark() {
  return (
    <svg className="eye-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 16C6.8 9.6 11 6.6 16 6.6S25.2 9.6 29 16c-3.8 6.4-8 9.4-13 9.4S6.8 22.4 3 16Z" />
      <circle cx="16" cy="16" r="4.8" />
    </svg>
  );
}

const SEVERITY_SHAPES: Readonly<Record<Severity, string>> = {
  1: "M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2Z",
  2: "M8 1.3 15.4 14.5H.6Z",
  3: "M8 .8 15.2 8 8 15.2.8 8Z",
  4: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z",
};

/** Octagon, triangle, diamond, circle: from the gravest to the least. */
export function SeveritySign({ severity }: { readonly severity: Severity }) {
  return (
    <svg className="severity-sign" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SEVERITY_SHAPES[severity]} />
      {severity <= 2 && (
        <path
          className="severity-mark"
          d={severity === 1 ? "M8 4v5M8 11.4v.1" : "M8 6v4M8 12.1v.1"}
        />
      )}
    </svg>
  );
}

const TURN = 2 * Math.PI * 4;

/** A pie that fills with the limit; a check once stopped in time, a warning sign once late. */
export function ClockSign(props: {
  readonly kind: "waiting" | "running" | "stopped";
  readonly level: ClockLevel;
  readonly fraction: number;
}) {
  const { kind, level, fraction } = props;
  if (level === "over") {
    return (
      <svg className="clock-sign" viewBox="0 0 16 16" aria-hidden="true">
        <path className="clock-warn" d="M8 1.5 15.2 14.3H.8Z" />
        <path className="clock-warn-mark" d="M8 6v4M8 12v.1" />
      </svg>
    );
  }
  if (kind === "stopped") {
    return (
      <svg className="clock-sign" viewBox="0 0 16 16" aria-hidden="true">
        <path className="clock-done" d="m2.5 8.5 3.7 3.7L13.5 4.5" />
      </svg>
    );
  }
  return (
    <svg className="clock-sign" viewBox="0 0 16 16" aria-hidden="true">
      <circle className="clock-ring" cx="8" cy="8" r="6.8" />
      {kind === "running" && (
        <circle
          className="clock-pie"
          cx="8"
          cy="8"
          r="4"
          strokeDasharray={`${Math.max(0.02, fraction) * TURN} ${TURN}`}
          transform="rotate(-90 8 8)"
        />
      )}
    </svg>
  );
}
