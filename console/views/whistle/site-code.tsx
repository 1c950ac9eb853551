/** The code that the site shows: whoever reads it out is there. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WhistleView } from "../../../protocol/index.ts";
import { formatCountdown, may, type SiteCode as Code } from "../../model/index.ts";
import { useCommands } from "../actions/index.ts";
import { useBrainNow, useSelect } from "../context.tsx";

export function SiteCode({ whistle }: { readonly whistle: WhistleView }) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const session = useSelect((state) => state.session);
  const [code, setCode] = useState<Code | "failed" | null>(null);
  if (!may(session, "whistle.code")) {
    return null;
  }
  const show = (): void => {
    api.siteCode(whistle.id).then(setCode, () => setCode("failed"));
  };
  return (
    <div className="site-code">
      <button type="button" className="button button-small" onClick={show}>
        {t("whistle.showCode")}
      </button>
      <div role="status">
        {code === "failed" && <span className="form-error">{t("whistle.codeFailed")}</span>}
        {code !== null && code !== "failed" && <ShownCode code={code} />}
      </div>
    </div>
  );
}

function ShownCode({ code }: { readonly code: Code }) {
  const { t } = useTranslation();
  const leftMs = Date.parse(code.expiresAt) - useBrainNow();
  return leftMs <= 0 ? null : (
    <p>
      <b className="mono site-code-words">{code.code}</b>
      <small className="muted">
        {t("whistle.siteCodeHint")} {t("whistle.codeExpires", { time: formatCountdown(leftMs) })}
      </small>
    </p>
  );
}
