import { describe, expect, it } from "vitest";
import {
  may,
  pageHref,
  PAGES,
  pagesFor,
  parseRoute,
  percent,
  tabsFor,
} from "../../../console/model/index.ts";
import type { Permission, SessionView } from "../../../protocol/index.ts";

const session = (...permissions: Permission[]): SessionView => ({
  mode: "accounts",
  signedIn: true,
  permissions,
});

describe("addresses", () => {
  it("lead to the page that they name, and any other one to the first", () => {
    for (const page of PAGES) {
      expect(parseRoute(pageHref(page)).page).toBe(page);
    }
    expect(parseRoute(pageHref("admin", "audit"))).toMatchObject({ page: "admin", part: "audit" });
    expect(parseRoute("#/nowhere").page).toBe("cases");
    expect(parseRoute("").page).toBe("cases");
  });

  it("open a case", () => {
    const id = "0198c0de-0000-7000-8000-000000000001";
    expect(parseRoute(`#/cases/${id}`)).toEqual({ page: "cases", caseId: id, part: null });
    expect(parseRoute("#/cases/x").caseId).toBeNull();
  });
});

describe("navigation", () => {
  it("offers what the session may see, and everything where nobody signs in", () => {
    expect(pagesFor(null)).toEqual(PAGES);
    expect(pagesFor(session("report.view", "audit.view"))).toEqual(["figures", "admin"]);
    expect(tabsFor(session("audit.view", "account.view"))).toEqual(["audit", "accounts"]);
    expect(pagesFor(session("case.view"))).not.toContain("admin");
    expect(may(session(), "case.view")).toBe(false);
  });
});

describe("a share", () => {
  it("is whole only where it is exactly so", () => {
    expect([percent(1), percent(0), percent(null)]).toEqual(["100 %", "0 %", "–"]);
    expect([percent(0.9996), percent(0.0001), percent(0.5)]).toEqual(["99.9 %", "0.1 %", "50 %"]);
  });
});
