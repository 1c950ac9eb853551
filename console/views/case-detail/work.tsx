/** How the case is handled: supervision, level, pauses, returns, and its whistles. */
import { useTranslation } from "react-i18next";
import type { CaseWorkView, WhistleView } from "../../../protocol/index.ts";
import { isOver, tallyOf } from "../../model/index.ts";
import { Icon } from "../icons.tsx";
import { useNames, useTimeWords } from "../wording.tsx";
import { Card, Fact } from "./card.tsx";

export function WorkCards({ work }: { readonly work: CaseWorkView | null }) {
  if (work === null) {
    return null;
  }
  return (
    <>
      {work.whistles.toReversed().map((whistle) => (
        <WhistleCard key={whistle.id} whistle={whistle} />
      ))}
      <WorkCard work={work} />
    </>
  );
}

function WorkCard({ work }: { readonly work: CaseWorkView }) {
  const { t } = useTranslation();
  const names = useNames();
  const { light, level, standard, returns } = work;
  return (
    <Card title={t("actions.work.title")} area="work">
      <dl className="facts-list">
        <Fact name={t("actions.work.light")}>
          <span className="light" data-light={light}>
            {light !== "none" && <Icon name="pulse" />}
            {t(`actions.work.lightState.${light}`)}
          </span>
        </Fact>
        <Fact name={t("actions.work.level")}>
          L{level} {t(`actions.work.levelName.l${level}`)}
        </Fact>
        {work.round > 1 && (
          <Fact name={t("actions.work.roundLabel")}>
            {t("actions.work.round", { count: work.round })}
          </Fact>
        )}
        {standard !== null && <Fact name={t("actions.work.standard")}>{standard}</Fact>}
        {returns.map((one) => (
          <Fact key={one.at} name={t("actions.work.returns")}>
            {names.department(one.department)}: {one.reason}
          </Fact>
        ))}
        {work.ruled && <Fact name={t("actions.name.rule")}>{t("actions.work.ruled")}</Fact>}
        {work.reworks > 0 && <Fact name={t("actions.work.reworks")}>{work.reworks}</Fact>}
        <PauseFacts work={work} />
      </dl>
    </Card>
  );
}

function PauseFacts({ work }: { readonly work: CaseWorkView }) {
  const { t } = useTranslation();
  const times = useTimeWords();
  const { suspension, cancelAskedBy } = work;
  const words = work.state === "SUSPENDED" ? "suspended" : "suspensionAsked";
  return (
    <>
      {suspension !== null && (
        <Fact name={t("actions.work.suspension")}>
          {t(`actions.work.${words}`, {
            until: times.dateTime(suspension.until),
            reason: suspension.reason,
          })}
        </Fact>
      )}
      {cancelAskedBy !== null && (
        <Fact name={t("actions.work.cancelAsked")}>
          {t("actions.work.cancelAskedBy", {
            role: t(`actor.${cancelAskedBy as "officer"}`, { defaultValue: cancelAskedBy }),
          })}
        </Fact>
      )}
    </>
  );
}

function WhistleCard({ whistle }: { readonly whistle: WhistleView }) {
  const { t } = useTranslation();
  const tally = tallyOf(whistle);
  return (
    <Card title={t("whistle.card")} area="whistle">
      <p>
        <b>{t(`whistle.kind.${whistle.kind}`)}</b> {whistle.subject}
      </p>
      <p className="muted">
        {t(`whistle.state.${whistle.state}`)} ·{" "}
        {t("whistle.tally", { ...tally, total: whistle.parties.length })}
      </p>
      {!isOver(whistle) && (
        <a className="button button-small" href={`#/whistles/${whistle.caseId}`}>
          {t("whistle.openBoard")}
        </a>
      )}
    </Card>
  );
}
