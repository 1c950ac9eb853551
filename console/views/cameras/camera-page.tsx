/** One camera: its picture, the rules that watch it, and changing them. */
import { useState } from "react";
import type { CameraDetail, PlannedRule, RuleKinds } from "../../../protocol/index.ts";
import { may, pageHref } from "../../model/index.ts";
import { conditionOf, newRule, type CameraRef } from "../../model/cameras/index.ts";
import { AskState } from "../admin/parts.tsx";
import { useSelect } from "../context.tsx";
import { Icon } from "../icons.tsx";
import { useAnswer } from "../office.tsx";
import { Purposes, StateWords } from "./camera-row.tsx";
import { ConditionSign, PlanWords, ProblemWords } from "./condition.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import { DraftBar } from "./draft-bar.tsx";
import { History } from "./history.tsx";
import { CameraSwitch } from "./kill-switch.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { NewerPlan } from "./newer-plan.tsx";
import { RuleEditor } from "./rule-editor.tsx";
import { suggestedType, typesOf } from "./rule-form.tsx";
import { RuleList } from "./rule-list.tsx";
import { SceneCard } from "./scene-card.tsx";
import { useDraft } from "./use-draft.ts";
import { useSnapshot } from "./use-snapshot.ts";

const LOOK_AGAIN_MS = 5_000;

export function CameraPage({ cameraRef }: { readonly cameraRef: CameraRef }) {
  const words = useWords();
  const api = useCameraApi();
  const key = `${cameraRef.nodeId}/${cameraRef.cameraId}`;
  const answer = useAnswer(key, (signal) => api.camera(cameraRef, signal), LOOK_AGAIN_MS);
  const kinds = useAnswer("rule-kinds", (signal) => api.ruleKinds(signal));
  // The answer of one's own change is newer than the last look.
  const [own, setOwn] = useState<CameraDetail | null>(null);
  const detail = newest(answer.value, own);
  return (
    <div className="cameras">
      <a className="back-link" href={pageHref("cameras")}>
        <Icon name="back" /> {words("back")}
      </a>
      {(detail === null || answer.error !== null) && (
        <AskState {...answer} onRetry={answer.reload} />
      )}
      {detail !== null && (
        <Loaded
          detail={detail}
          kinds={kinds.value}
          cameraRef={cameraRef}
          onDetail={setOwn}
          onLook={answer.reload}
        />
      )}
    </div>
  );
}

function newest(a: CameraDetail | null, b: CameraDetail | null): CameraDetail | null {
  return a === null || b === null ? (a ?? b) : b.asOf > a.asOf ? b : a;
}

export interface CameraPartProps {
  readonly detail: CameraDetail;
  readonly kinds: RuleKinds | null;
  readonly cameraRef: CameraRef;
  readonly onDetail: (detail: CameraDetail) => void;
  readonly onLook: () => void;
}

function Loaded(props: CameraPartProps) {
  const words = useWords();
  const { detail, kinds, onDetail } = props;
  const { camera } = detail;
  const used = useDraft(detail, kinds);
  const picture = useSnapshot(props.cameraRef, camera);
  const canManage = useSelect((state) => may(state.session, "camera.manage"));
  const editing = used.draft.rules.find(({ id }) => id === used.editing) ?? null;
  const add = (): void => {
    const form = used.forms.get("zone-intrusion") ?? [...used.forms.values()][0];
    if (form !== undefined) {
      const types = typesOf(form, detail.site?.eventTypes ?? null);
      const taken = [...used.draft.rules, ...used.base.rules].map(({ id }) => id as string);
      used.change(null, newRule(form, suggestedType(form.kind, types), taken));
    }
  };
  return (
    <>
      <Head detail={detail} onDetail={onDetail} />
      {camera.refused !== null && (
        <div className="outcome outcome-bad" role="alert">
          <p>
            {words("refusedPlan", { version: detail.plan.version })}{" "}
            <ProblemWords problem={camera.refused} />
          </p>
          <ShowPlace problem={camera.refused} onShow={used.show} />
        </div>
      )}
      {used.isBehind && <NewerPlan detail={detail} used={used} />}
      {editing === null || used.forms.get(editing.kind) === undefined ? (
        <div className="camera-columns">
          <SceneCard detail={detail} rules={used.draft.rules} picture={picture} />
          <RuleList {...props} used={used} canManage={canManage} onAdd={add} />
        </div>
      ) : (
        <RuleEditor
          key={serialOf(used.base.rules, editing)}
          {...props}
          used={used}
          rule={editing}
          picture={picture}
        />
      )}
      <DraftBar {...props} used={used} />
      <History detail={detail} />
      <LeaveGuard isDirty={used.isChanged} />
    </>
  );
}

/** A new rule may change its name and its kind while it is edited. */
function serialOf(live: readonly PlannedRule[], { id }: PlannedRule): string {
  return live.some((rule) => rule.id === id) ? id : "new";
}

function ShowPlace(props: {
  readonly problem: NonNullable<CameraDetail["camera"]["refused"]>;
  readonly onShow: (problem: NonNullable<CameraDetail["camera"]["refused"]>) => boolean;
}) {
  const words = useWords();
  return /rule/.test(props.problem.where ?? "") ? (
    <button
      type="button"
      className="button button-small"
      onClick={() => props.onShow(props.problem)}
    >
      {words("showPlace")}
    </button>
  ) : null;
}

function Head({ detail, onDetail }: Pick<CameraPartProps, "detail" | "onDetail">) {
  const words = useWords();
  const { camera, site } = detail;
  return (
    <header className="camera-head card">
      <div>
        <h2>{camera.name}</h2>
        <p className="muted">
          <span className="mono">{camera.ref}</span> ·{" "}
          <span className="mono">{site?.gridCode ?? camera.gridCode ?? words("noGrid")}</span>
        </p>
        <p className="muted">
          {words("purposes")}: <Purposes purposes={camera.purposes} />
        </p>
      </div>
      <div className="camera-state">
        <StateWords camera={camera} />
      </div>
      <div className="camera-plan">
        <ConditionSign condition={conditionOf(camera)} />
        <PlanWords camera={camera} />
      </div>
      <CameraSwitch camera={camera} analysed={detail.plan.analysed} onChanged={onDetail} />
    </header>
  );
}
