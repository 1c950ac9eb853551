/** The pages of the control room, and the address of each. */
import type { Permission, SessionView } from "../../protocol/index.ts";

export const PAGES = ["cases", "wall", "whistles", "desk", "cameras", "figures", "admin"] as const;
export type PageName = (typeof PAGES)[number];

export const ADMIN_TABS = [
  "audit",
  "deliveries",
  "subscriptions",
  "accounts",
  "quarantine",
  "silences",
  "endpoints",
  "departments",
  "routing",
] as const;
export type AdminTab = (typeof ADMIN_TABS)[number];

const TAB_ASKS: Readonly<Record<AdminTab, Permission>> = {
  audit: "audit.view",
  deliveries: "delivery.view",
  subscriptions: "subscription.view",
  accounts: "account.view",
  quarantine: "quarantine.view",
  silences: "silence.view",
  endpoints: "endpoint.view",
  departments: "directory.manage",
  routing: "directory.manage",
};
const PAGE_ASKS: Readonly<Record<Exclude<PageName, "admin">, Permission>> = {
  cases: "case.view",
  wall: "case.view",
  whistles: "whistle.view",
  desk: "case.command",
  cameras: "camera.view",
  figures: "report.view",
};

/** An open brain says nothing of permissions: everything is allowed on its own machine. */
export function may(session: SessionView | null, permission: Permission): boolean {
  return session?.permissions?.includes(permission) ?? true;
}

export function tabsFor(session: SessionView | null): readonly AdminTab[] {
  return ADMIN_TABS.filter((tab) => may(session, TAB_ASKS[tab]));
}

/** What somebody finds in the navigation: a page without a right would only be refused. */
export function pagesFor(session: SessionView | null): readonly PageName[] {
  return PAGES.filter((page) =>
    page === "admin" ? tabsFor(session).length > 0 : may(session, PAGE_ASKS[page]),
  );
}

export interface PageRoute {
  readonly page: PageName;
  /** The open case; of the page `cases` only. */
  readonly caseId: string | null;
  /** What follows the page's name, such as a tab. */
  readonly part: string | null;
}

const CASE = /^#\/cases\/([0-9a-f-]{36})$/i;
const PAGE = /^#\/([a-z]+)(?:\/([A-Za-z0-9._~-]{1,140}))?$/;

/** An address of an unknown page is the first page. */
export function parseRoute(hash: string): PageRoute {
  const caseId = CASE.exec(hash)?.[1];
  if (caseId !== undefined) {
    return { page: "cases", caseId, part: null };
  }
  const [, name, part] = PAGE.exec(hash) ?? [];
  const page = PAGES.find((known) => known === name);
  return page === undefined || page === "cases"
    ? { page: "cases", caseId: null, part: null }
    : { page, caseId: null, part: part ?? null };
}

export function pageHref(page: PageName, part?: string): string {
  if (page === "cases") {
    return "#/";
  }
  return part === undefined ? `#/${page}` : `#/${page}/${part}`;
}
