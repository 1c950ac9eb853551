/** What people report: taken in, followed by its tracking code, rated; and the six mechanisms. */
export { cleanPhoto } from "./clean-photo.ts";
export { createReports, type Reports, type ReportsInput } from "./create-reports.ts";
