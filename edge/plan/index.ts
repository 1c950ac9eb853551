/** Plans and orders of the control room: what is in force, what is remembered, what is carried out. */
export { OrderDesk } from "./order-desk.ts";
export type { OrderDeskOptions, OrderOutcome } from "./order-desk.ts";
export type { PlanLog } from "./plan-file.ts";
export { PlanKeeper } from "./plan-keeper.ts";
export type { PlanKeeperOptions } from "./plan-keeper.ts";
export { rulesOfFile } from "./rules-in-force.ts";
export type { RulesInForce } from "./rules-in-force.ts";
export { remembered } from "./remembered.ts";
export type { Remembered } from "./remembered.ts";
export { testRule } from "./rule-test.ts";
export type { RuleTestOptions, TestedRule, TestedStep } from "./rule-test.ts";
export { SceneTeller } from "./scene-teller.ts";
export { TrackMemory } from "./track-memory.kernel.ts";
export type { Stretch } from "./track-memory.kernel.ts";
