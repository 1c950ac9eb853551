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
  const [kind = "", id = ""] = item.actor.split(":", 2);
  const actor =
    kind === "node"
      ? t("actor.node", { id })
      : kind === "department"
        ? names.department(id)
        : isRole(kind)
          ? t(`actor.${kind}`)
          : t("actor.system");
  const code = item.facts["department"];
  const department = typeof code === "string" ? names.department(code) : actor;
  return t(`timeline.${item.kind}`, { actor, department });
}

const ROLES = ["officer", "checker", "dispatcher", "supervisor", "hub", "reporter"] as const;

function isRole(kind: string): kind is (typeof ROLES)[number] {
  return (ROLES as readonly string[]).includes(kind);
}

/** Facts worth reading, in this order; the rest is for machines. */
const READABLE = ["attempt", "status", "error", "reference", "unit", "reason"] as const;

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
