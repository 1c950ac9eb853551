/** When the page cannot work: why, and what to do. */
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useSelect } from "./context.tsx";

export function StartFailure() {
  const { t } = useTranslation();
  const live = useLive();
  const failure = useSelect((state) => state.failure) ?? "unreachable";
  return (
    <main className="sign-in">
      <div className="card" role="alert">
        <h2>{t("failure.title")}</h2>
        <p>{t(`failure.${failure}`)}</p>
        <button type="button" className="button button-main" onClick={live.retryNow}>
          {t("connection.retry")}
        </button>
      </div>
    </main>
  );
}

interface GuardState {
  readonly error: Error | null;
}

/** A broken view must not leave an operator before an empty page. */
export class Guard extends Component<{ readonly children: ReactNode }, GuardState> {
  override state: GuardState = { error: null };

  static getDerivedStateFromError(error: Error): GuardState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Crash error={error} />;
  }
}

function Crash({ error }: { readonly error: Error }) {
  const { t } = useTranslation();
  return (
    <main className="sign-in">
      <div className="card" role="alert">
        <h2>{t("failure.crash")}</h2>
        <p>{t("failure.crashHint")}</p>
        <pre className="mono">{error.message}</pre>
        <button
          type="button"
          className="button button-main"
          onClick={() => window.location.reload()}
        >
          {t("failure.reload")}
        </button>
      </div>
    </main>
  );
}
