/** What happened, in words, newest last. */
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { TimelineItem } from "../../../protocol/index.ts";
import { Moment, useNames, type Names } from "../wording.tsx";
import { Card } from "./card.tsx";

export function TimelineCard({ timeline }: { readonly timeline: readonly TimelineItem[] }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Card title={t("detail.timeline")} area="timeline" count={timeline.length}>
      {timeline.length === 0 && <p className="muted">{t("timeline.none")}</p>}
      <ol className="timeline">
        {timeline.map((item) => (
          <li key={item.id} data-kind={item.kind}>
            <Moment at={item.at} exact />
            <span className="timeline-words">
              {sentence(item, t, names)}
              <FactWords facts={item.facts} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** What somebody did, in words. */
export function sentence(
  item: Pick<TimelineItem, "actor" | "kind" | "facts">,
  t: TFunction,
  names: Names,
): string {
  const actor = actorWords(item.actor, t, names);
  const code = item.facts["department"];
  const department = typeof code === "string" ? names.department(code) : actor;
  return t(`timeline.${phraseOf(item)}`, { actor, department });
}

/** The same happening reads otherwise on either side of it. */
function phraseOf({ kind, facts }: Pick<TimelineItem, "kind" | "facts">) {
  const isFrom = typeof facts["from"] === "string";
  if (isFrom && kind === "merged") {
    return "merged-in";
  }
  return isFrom && kind === "split" ? "split-from" : kind;
}

export function actorWords(name: string, t: TFunction, names: Names): string {
  const [kind = "", id = ""] = name.split(":", 2);
  if (kind === "node") {
    return t("actor.node", { id });
  }
  if (kind === "department") {
    return names.department(id);
  }
  return isRole(kind) ? t(`actor.${kind}`) : t("actor.system");
}

const ROLES = ["officer", "checker", "dispatcher", "supervisor", "hub", "reporter"] as const;

function isRole(kind: string): kind is (typeof ROLES)[number] {
  return (ROLES as readonly string[]).includes(kind);
}

/** Facts worth reading, in this order; the rest is for machines. */
const READABLE = [
  "attempt",
  "status",
  "error",
  "reference",
  "unit",
  "called",
  "reason",
  "text",
] as const;

function FactWords({ facts }: Pick<TimelineItem, "facts">) {
  const { t } = useTranslation();
  const words = READABLE.flatMap((name) => {
    const value = facts[name] ?? null;
    return value === null || value === ""
      ? []
      : [t(`timeline.fact.${name}`, { value: String(value) })];
  });
  return words.length === 0 ? null : <small>{words.join(" · ")}</small>;
}
