/** What an administrator changes while the brain runs. */
export { type AdminInput, createAdministration } from "./create-administration.ts";
