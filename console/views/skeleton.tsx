/** Grey shapes of what is coming, in its place and size. */
import { useTranslation } from "react-i18next";

export function SkeletonRows() {
  const { t } = useTranslation();
  return (
    <div className="skeletons" role="status" aria-label={t("list.loading")}>
      {[0, 1, 2, 3, 4].map((row) => (
        <div key={row} className="skeleton-row">
          <i className="skeleton skeleton-thumb" />
          <i className="skeleton" />
          <i className="skeleton skeleton-short" />
          <i className="skeleton" />
        </div>
      ))}
    </div>
  );
}

export function SkeletonDetail() {
  const { t } = useTranslation();
  return (
    <div className="skeleton-detail" role="status" aria-label={t("detail.loading")}>
      <i className="skeleton skeleton-short" />
      <i className="skeleton skeleton-picture" />
      <i className="skeleton" />
      <i className="skeleton" />
    </div>
  );
}
