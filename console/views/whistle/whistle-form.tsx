/** The form of one command to a whistle; a check-in by place asks the phone instead. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { WhistleView } from "../../../protocol/index.ts";
import {
  whistleActor,
  whistleCommandOf,
  whistleFieldsOf,
  type FormValues,
  type PressState,
  type SeenPlace,
  type Step,
  type WhistleOffer,
} from "../../model/index.ts";
import { FormDialog, useCommands, usePress, type FieldChoices } from "../actions/index.ts";
import { useSelect } from "../context.tsx";
import { useNames } from "../wording.tsx";

interface WhistleFormProps {
  readonly whistle: WhistleView;
  readonly offer: WhistleOffer;
  readonly onAnswer: (whistle: WhistleView) => void;
  readonly onClose: () => void;
}

const NO_CHOICES = { lead: null, departments: [] };

export function WhistleForm(props: WhistleFormProps) {
  const { t } = useTranslation();
  const { whistle, offer, onClose } = props;
  const names = useNames();
  const others = useUncalled(whistle);
  const sending = useSending(props);
  const { press, follow } = sending;
  const fields = offer.by === "place" ? [] : whistleFieldsOf(offer);
  const who = offer.department === null ? whistle.subject : names.department(offer.department);
  return (
    <FormDialog
      title={`${nameOf(offer, t)} · ${who}`}
      hint={useHint(offer)}
      fields={fields}
      initial={Object.fromEntries(
        fields.map(({ name, kind }) => [
          name,
          kind === "yesNo" ? true : kind === "parties" ? [] : "",
        ]),
      )}
      choices={offer.kind === "summon" ? others : NO_CHOICES}
      press={press}
      onSubmit={(values) => void sending.submit(values)}
      onResend={() => void follow(press.resend())}
      onAgain={({ version }) => void follow(press.again(version))}
      onLook={onClose}
      onClose={onClose}
    >
      <p role="status">{sending.isLocating && t("whistle.placeWorking")}</p>
      {sending.placeError !== null && (
        <p className="form-error" role="alert">
          {t(`whistle.${sending.placeError}`)}
        </p>
      )}
    </FormDialog>
  );
}

/** Departments that the whistle has not called yet. */
function useUncalled({ parties }: WhistleView): FieldChoices {
  const names = useNames();
  const catalogue = useSelect((state) => state.catalogue);
  const called = parties.map(({ department }): string => department);
  const departments = (catalogue?.departments ?? [])
    .filter(({ code }) => !called.includes(code))
    .map(({ code }) => ({ value: code, label: names.department(code) }));
  return { lead: null, departments };
}

function nameOf({ kind, by }: WhistleOffer, t: TFunction): string {
  return t(
    `whistle.do.${by === "attestation" ? "attest" : by === "place" ? "place" : kind}` as const,
  );
}

function useSending({ whistle, offer, onAnswer, onClose }: WhistleFormProps) {
  const { api } = useCommands();
  const session = useSelect((state) => state.session);
  const press = usePress();
  const [placeError, setPlaceError] = useState<PlaceError | null>(null);
  const [isLocating, setLocating] = useState(false);
  const stepOf = (values: FormValues, place: SeenPlace | null): Step => {
    const own = session?.viewer?.department ?? null;
    const command = whistleCommandOf(offer, values, place, own);
    const as = whistleActor(offer, session);
    return async (_version, key) => {
      const body = { command, ...(as === undefined ? {} : { as }) };
      const answer = await api.whistle(whistle.id, body, key);
      onAnswer(answer.whistle);
      return answer.whistle.version;
    };
  };
  const follow = async (sent: Promise<PressState>): Promise<void> => {
    if ((await sent).kind === "done") {
      onClose();
    }
  };
  const find = async (): Promise<SeenPlace | null> => {
    setLocating(true);
    const place = await locate();
    setLocating(false);
    setPlaceError(typeof place === "string" ? place : null);
    return typeof place === "string" ? null : place;
  };
  const submit = async (values: FormValues): Promise<void> => {
    const byPlace = offer.by === "place";
    const place = byPlace ? await find() : null;
    if (!byPlace || place !== null) {
      await follow(press.begin(whistle.version, [stepOf(values, place)]));
    }
  };
  return { press, follow, submit, placeError, isLocating };
}

function useHint({ kind, by }: WhistleOffer): string | undefined {
  const { t } = useTranslation();
  if (kind === "summon") {
    return t("whistle.summonHint");
  }
  if (kind === "answer") {
    return t("whistle.answerHint");
  }
  return by === "code" ? t("whistle.codeHint") : undefined;
}

type PlaceError = "placeDenied" | "placeUnavailable";
const LOCATE_TIMEOUT_MS = 15_000;

/** Browsers give a place on secure pages only, and after asking. */
function locate(): Promise<SeenPlace | PlaceError> {
  const geolocation = navigator.geolocation as Geolocation | undefined;
  return new Promise((resolve) => {
    if (geolocation === undefined) {
      resolve("placeUnavailable");
      return;
    }
    geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve({
          lat: latitude,
          lon: longitude,
          accuracyM: Math.min(10_000, Math.round(accuracy)),
        }),
      ({ code, PERMISSION_DENIED }) =>
        resolve(code === PERMISSION_DENIED ? "placeDenied" : "placeUnavailable"),
      { enableHighAccuracy: true, timeout: LOCATE_TIMEOUT_MS },
    );
  });
}
