/** Tables of `migrations/0008-accounts.sql`. */
import type { Generated } from "kysely";
import type { AccountRole, DepartmentCode } from "../../../protocol/index.ts";
import type { Json, NullableTime, Position, Time } from "./column.ts";

export interface AccountTable {
  id: string;
  name: string;
  display_name: string;
  roles: Json<readonly AccountRole[]>;
  department: DepartmentCode | null;
  jurisdiction: string | null;
  enabled: Generated<boolean>;
  password_hash: string | null;
  issuer: string | null;
  subject: string | null;
  created_at: Time;
  signed_in_at: NullableTime;
}

export interface AccountSessionTable {
  token_hash: string;
  account_id: string;
  created_at: Time;
  seen_at: Time;
  expires_at: Time;
  address: string;
}

export interface AccountInvitationTable {
  account_id: string;
  token_hash: string;
  expires_at: Time;
}

export interface SignInAttemptTable {
  id: Position;
  name: string;
  address: string;
  at: Time;
}

export interface AccountsSchema {
  account: AccountTable;
  account_session: AccountSessionTable;
  account_invitation: AccountInvitationTable;
  sign_in_attempt: SignInAttemptTable;
}
