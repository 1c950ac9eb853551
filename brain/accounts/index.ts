/** Accounts: passwords, OpenID, sessions, and what each role may do. */
export {
  type AccountBook,
  createAccountBook,
  INVITATION_TTL_MS,
  type NewInvitation,
} from "./account-book.ts";
export { type Accounts, type AccountsInput, createAccounts } from "./create-accounts.ts";
export { createPasswords, type Passwords, requireGoodPassword } from "./password.ts";
export { permissionsOf } from "./permissions.ts";
export { createAccountSessions } from "./sessions.ts";
export { redeemInvitation, type SignInInput } from "./sign-in.ts";
