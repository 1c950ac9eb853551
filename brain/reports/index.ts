/** What people report: taken in, followed by its tracking code, rated; and the six mechanisms. */
export { createReports, type Reports, type ReportsInput } from "./create-reports.ts";
