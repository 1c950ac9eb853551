/** Uplink: the durable outbox, its pictures, and the way to the brain. */
export type { EvidenceStore, StoredPicture } from "./evidence-store.ts";
export { Heartbeat } from "./heartbeat.ts";
export type { HeartbeatOptions } from "./heartbeat.ts";
export type { LinkReport } from "./link-state.ts";
export type { UplinkLog } from "./log.ts";
export { OrdersChannel } from "./orders-channel.ts";
export type { OrdersChannelOptions, OrdersOffice } from "./orders-channel.ts";
export { Outbox } from "./outbox.ts";
export type { OutboxCounters } from "./outbox-counters.ts";
export type {
  EvidenceFile,
  OutboxEntry,
  OutboxOptions,
  Settlement,
} from "./outbox.ts";
export type { RejectedEvent } from "./rejected-table.ts";
export { Signer } from "./signing.ts";
export type { SignerOptions } from "./signing.ts";
export { Uplink } from "./uplink.ts";
export type { UplinkOptions } from "./uplink.ts";
