/** Changing one rule: drawing on the picture beside its form, and its test before it goes live. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { PlannedRule, RuleTest } from "../../../protocol/index.ts";
import {
  isSameRule,
  pointsOf,
  withValue,
  type DrawnField,
  type Point,
  type RuleForm as Form,
} from "../../model/cameras/index.ts";
import type { CameraPartProps } from "./camera-page.tsx";
import { useWords } from "./context.tsx";
import { DrawingLayer } from "./drawing-layer.tsx";
import { DrawingTools } from "./drawing-tools.tsx";
import { RuleForm } from "./rule-form.tsx";
import { Scene } from "./scene.tsx";
import { PictureBar, shapesOf, sizeOf, wayOf } from "./scene-card.tsx";
import { TestMarks, TestPanel } from "./test-panel.tsx";
import type { UsedDraft } from "./use-draft.ts";
import { useDrawing } from "./use-drawing.ts";
import type { UsedSnapshot } from "./use-snapshot.ts";

interface RuleEditorProps extends CameraPartProps {
  readonly used: UsedDraft;
  readonly rule: PlannedRule;
  readonly picture: UsedSnapshot;
}

export interface Tested {
  readonly rule: PlannedRule;
  readonly test: RuleTest;
}

export function RuleEditor(props: RuleEditorProps) {
  const { used, rule, kinds, detail } = props;
  const form = used.forms.get(rule.kind);
  const [chosen, setChosen] = useState<string | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  if (form === undefined || kinds === null) {
    return null;
  }
  const field = form.drawn.find(({ name }) => name === chosen) ?? form.drawn[0] ?? null;
  const faults = used.faultsOfRule(rule);
  const isNew = !used.base.rules.some(({ id }) => id === rule.id);
  return (
    <section className="rule-editor" aria-labelledby="editor-title">
      <EditorHead id={rule.id} isNew={isNew} onDone={() => used.edit(null)} />
      <div className="camera-columns">
        <div className="card scene-card">
          <PictureBar picture={props.picture} />
          {field === null ? (
            <PlainScene {...props} tested={tested} />
          ) : (
            <FieldChoice form={form} field={field} onChoose={setChosen} />
          )}
          {field !== null && (
            <DrawnScene
              key={`${rule.kind} ${field.name}`}
              {...props}
              field={field}
              tested={tested}
            />
          )}
          <TestPanel
            {...props}
            tested={tested}
            isOld={tested !== null && !isSameRule(tested.rule, rule)}
            isWhole={Object.values(faults).every((fault) => fault.kind === "said")}
            onTested={setTested}
          />
        </div>
        <div className="card">
          <RuleForm
            rule={rule}
            form={form}
            kinds={kinds}
            faults={faults}
            allowed={detail.site?.eventTypes ?? null}
            isNew={isNew}
            isCalibrated={detail.scene?.calibrated ?? null}
            others={used.draft.rules.flatMap(({ id }) => (id === rule.id ? [] : [id]))}
            onChange={(next) => used.change(rule.id, next)}
          />
        </div>
      </div>
    </section>
  );
}

interface EditorHeadProps {
  readonly id: string;
  readonly isNew: boolean;
  readonly onDone: () => void;
}

/** Takes the focus when it opens: it stands where the list of rules was. */
function EditorHead({ id, isNew, onDone }: EditorHeadProps) {
  const words = useWords();
  const start = useRef<HTMLHeadingElement>(null);
  useEffect(() => start.current?.focus(), []);
  return (
    <div className="editor-head">
      <h3 id="editor-title" ref={start} tabIndex={-1}>
        {words(isNew ? "form.new" : "form.edit", { id })}
      </h3>
      <button type="button" className="button" onClick={onDone}>
        {words("form.done")}
      </button>
    </div>
  );
}

interface FieldChoiceProps {
  readonly form: Form;
  readonly field: DrawnField;
  readonly onChoose: (name: string) => void;
}

function FieldChoice({ form, field, onChoose }: FieldChoiceProps) {
  const words = useWords();
  return form.drawn.length < 2 ? null : (
    <div className="segments" role="group" aria-label={words("draw.which")}>
      {form.drawn.map(({ name }) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === field.name}
          onClick={() => onChoose(name)}
        >
          {words(`drawn.${name}`)}
        </button>
      ))}
    </div>
  );
}

interface SceneProps extends RuleEditorProps {
  readonly tested: Tested | null;
}

function PlainScene({ detail, used, rule, picture, tested }: SceneProps) {
  const words = useWords();
  const size = sizeOf(detail, picture);
  return (
    <Scene
      size={size}
      pictureUrl={picture.url}
      pictureAlt={words("picture.alt", { name: detail.camera.name })}
      shapes={shapesOf(used.draft.rules, detail.plan.paused, { ruleId: rule.id, field: null })}
      label={words("picture.wholePicture")}
      marks={tested !== null && <TestMarks test={tested.test} size={size} />}
    />
  );
}

function DrawnScene(props: SceneProps & { readonly field: DrawnField }) {
  const words = useWords();
  const { detail, used, rule, picture, tested, field } = props;
  const [said, setSaid] = useState("");
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const onChange = useCallback((points: readonly Point[]): void => {
    const now = latest.current;
    const value = points.length === 0 ? undefined : points;
    now.used.change(now.rule.id, withValue(now.rule, now.field.name, value));
  }, []);
  const drawing = useDrawing(field.shape, pointsOf(rule, field.name), onChange);
  const size = sizeOf(detail, picture);
  return (
    <>
      <Scene
        size={size}
        pictureUrl={picture.url}
        pictureAlt={words("picture.alt", { name: detail.camera.name })}
        shapes={shapesOf(used.draft.rules, detail.plan.paused, {
          ruleId: rule.id,
          field: field.name,
        })}
        label={null}
        marks={tested !== null && <TestMarks test={tested.test} size={size} />}
      >
        <DrawingLayer
          used={drawing}
          size={size}
          way={wayOf(rule, field.name)}
          label={words("draw.label", { field: words(`drawn.${field.name}`), id: rule.id })}
          onSay={setSaid}
        />
      </Scene>
      <DrawingTools field={field} used={drawing} said={said} />
    </>
  );
}
