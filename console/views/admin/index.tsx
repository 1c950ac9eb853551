/** Audit, deliveries, subscriptions, accounts and quarantine; each to those who may see it. */
import { type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { pageHref, tabsFor, type AdminTab } from "../../model/index.ts";
import { useRoute, useSelect } from "../context.tsx";
import { AccountsTab } from "./accounts-tab.tsx";
import { AuditTab } from "./audit-tab.tsx";
import { DeliveriesTab } from "./deliveries-tab.tsx";
import { DepartmentsTab } from "./departments-tab.tsx";
import { EndpointsTab } from "./endpoints-tab.tsx";
import { QuarantineTab } from "./quarantine-tab.tsx";
import { RoutingTab } from "./routing-tab.tsx";
import { SilencesTab } from "./silences-tab.tsx";
import { SubscriptionsTab } from "./subscriptions-tab.tsx";

const TABS: Readonly<Record<AdminTab, ComponentType>> = {
  audit: AuditTab,
  deliveries: DeliveriesTab,
  subscriptions: SubscriptionsTab,
  accounts: AccountsTab,
  quarantine: QuarantineTab,
  silences: SilencesTab,
  endpoints: EndpointsTab,
  departments: DepartmentsTab,
  routing: RoutingTab,
};

export function AdminPage() {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  const { part } = useRoute();
  const tabs = tabsFor(session);
  const current = tabs.find((tab) => tab === part) ?? tabs[0];
  const Tab = current === undefined ? undefined : TABS[current];
  return (
    <div className="admin">
      <header className="page-head">
        <h2>{t("admin.title")}</h2>
        <nav aria-label={t("admin.tabs")}>
          <ul className="tabs">
            {tabs.map((tab) => (
              <li key={tab}>
                <a
                  href={pageHref("admin", tab)}
                  aria-current={tab === current ? "page" : undefined}
                >
                  {t(`admin.${tab}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      {Tab !== undefined && <Tab key={current} />}
    </div>
  );
}
