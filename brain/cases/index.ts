/** The closed loop of a case: states, clocks, routing. Pure, no I/O. */
export * from "./acknowledge.ts";
export * from "./case-clocks.ts";
export * from "./case-number.ts";
export * from "./case-state.ts";
export * from "./event-order.ts";
export * from "./open-case.ts";
export * from "./routing.ts";
