import type { ColumnType } from "kysely";

/** A JSON column: read as a value, written as its text. */
export type Json<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
/** An always generated position. */
export type Position = ColumnType<number, never, never>;
export type Time = ColumnType<Date, Date, Date>;
export type NullableTime = ColumnType<Date | null, Date | null | undefined, Date | null>;
