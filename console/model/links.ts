/** Why alarms were joined: the brain's sentences, read for the operator's own language. */
import type { TimelineItem } from "../../protocol/index.ts";

export interface JoinLink {
  readonly id: string;
  readonly at: string;
  /** An alarm joined the incident, another case was merged in, or this one went into another. */
  readonly kind: "alarm" | "took-in" | "went-into" | "related" | "split-off" | "split-from";
  readonly camera: string | null;
  readonly eventType: string | null;
  /** Human number of the other case. */
  readonly other: string | null;
  /** Id of the other case, where it can be opened. */
  readonly otherId: string | null;
  readonly reasons: readonly LinkReason[];
}

/** A sentence with its figures; `text` where it is of no known kind. */
export interface LinkReason {
  readonly kind:
    | "first"
    | "alarm"
    | "entity"
    | "storm"
    | "near"
    | "travel"
    | "late"
    | "silenced"
    | "refused"
    | "text";
  readonly facts: Readonly<Record<string, string>>;
}

export function linksOf(timeline: readonly TimelineItem[]): readonly JoinLink[] {
  return timeline.flatMap((item) => {
    const link = wordOf(item, "link");
    // An operator's own words say more than the sentence that holds them.
    const words = link === null && item.kind !== "split" ? null : wordOf(item, "reason");
    const said = words ?? link;
    if (said === null) {
      return [];
    }
    const into = wordOf(item, "into");
    const otherId = into ?? wordOf(item, "fromId");
    return [
      {
        id: item.id,
        at: item.at,
        kind: kindOf(item, into),
        camera: wordOf(item, "camera"),
        eventType: wordOf(item, "eventType") ?? wordOf(item, "graver"),
        other: wordOf(item, "number") ?? wordOf(item, "from"),
        otherId,
        reasons: words === null ? readLink(said) : [textOf(words)],
      } as const,
    ];
  });
}

function kindOf(item: TimelineItem, into: string | null): JoinLink["kind"] {
  if (item.facts["relatedOnly"] === true) {
    return "related";
  }
  if (item.kind === "split") {
    return wordOf(item, "from") === null ? "split-off" : "split-from";
  }
  if (item.kind !== "merged") {
    return "alarm";
  }
  return into === null ? "took-in" : "went-into";
}

function wordOf({ facts }: TimelineItem, name: string): string | null {
  const value = facts[name];
  return typeof value === "string" && value !== "" ? value : null;
}

const SENTENCES: readonly (readonly [LinkReason["kind"], RegExp])[] = [
  ["first", /^first event of its incident$/],
  ["alarm", /^same alarm (?<alarm>\S+)$/],
  ["entity", /^same (?<entity>.+) as (?<code>\S+) of camera (?<camera>.+)$/],
  ["storm", /^camera (?<camera>.+) began more than (?<limit>\d+) incidents in one minute$/],
  [
    "travel",
    /^(?<gap>at the same time as|.+? from) (?<code>\S+) of (?<camera>.+), as long as the way there takes \(score (?<score>[\d.]+)\)$/,
  ],
  [
    "near",
    /^(?<metres>\d+) m and (?<gap>at the same time as|.+? from) (?<code>\S+) of (?<camera>.+?)(?<grid>, in the same grid cell)? \(score (?<score>[\d.]+)\)$/,
  ],
  ["late", /^it came (?<gap>.+) late and sends nobody out$/],
  ["silenced", /^silenced by (?<by>.+)$/],
  ["refused", /^not joined to incident (?<incident>\S+): (?<because>.+)$/],
];

/** One explanation may hold several sentences. An operator's own words are never taken apart. */
export function readLink(link: string): readonly LinkReason[] {
  const parts = link.split("; ").map(readSentence);
  return parts.every(({ kind }) => kind !== "text") ? parts : [textOf(link)];
}

function readSentence(sentence: string): LinkReason {
  for (const [kind, pattern] of SENTENCES) {
    const groups = pattern.exec(sentence)?.groups;
    if (groups !== undefined || pattern.test(sentence)) {
      return { kind, facts: tidy(groups ?? {}) };
    }
  }
  return textOf(sentence);
}

/** `gap` becomes "0" for the same time; `camera` becomes "" for the same camera. */
function tidy(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups)) {
    facts[name] = value ?? "";
  }
  if (facts["gap"] !== undefined) {
    facts["gap"] = facts["gap"].startsWith("at the same")
      ? "0"
      : facts["gap"].replace(/ from$/, "");
  }
  if (facts["camera"] !== undefined) {
    facts["camera"] = facts["camera"].replace(/^the same camera$/, "").replace(/^camera /, "");
  }
  return facts;
}

function textOf(text: string): LinkReason {
  return { kind: "text", facts: { text } };
}
