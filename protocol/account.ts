/** Accounts: who may sign in, in which roles, and what each role may do and see. */
import { z } from "zod";
import { wordsSchema } from "./command.ts";
import { departmentCodeSchema } from "./catalogue/index.ts";
import { timestampSchema } from "./time.ts";

/**
 * operator: takes reports in, files and closes; dispatcher: sends; checker: looks whether the work
 * is done; supervisor: presses, approves, reads figures; department: one department's desk;
 * grid-worker: reports from the street; auditor: reads who did what; administrator: makes accounts.
 */
export const accountRoleSchema = z.enum([
  "operator",
  "dispatcher",
  "checker",
  "supervisor",
  "department",
  "grid-worker",
  "auditor",
  "administrator",
]);
export type AccountRole = z.infer<typeof accountRoleSchema>;

/** What a route of the brain asks for. `brain/accounts/permissions.ts` says which role has it. */
export const permissionSchema = z.enum([
  "session.own",
  "catalogue.view",
  "health.view",
  "metrics.view",
  "case.view",
  "case.command",
  "case.export",
  "evidence.view",
  "evidence.hold",
  "whistle.view",
  "whistle.blow",
  "whistle.command",
  "whistle.code",
  "delivery.view",
  "delivery.replay",
  "quarantine.view",
  "subscription.view",
  "subscription.manage",
  "report.view",
  "report.export",
  "people.report",
  "people.view",
  "people.contact",
  "people.keys",
  "audit.view",
  "account.view",
  "account.manage",
  "camera.view",
  "camera.manage",
  "incident.regroup",
  "silence.view",
  "silence.manage",
  "directory.manage",
  "endpoint.view",
  "endpoint.manage",
]);
export type Permission = z.infer<typeof permissionSchema>;

/** Leading digits of a grid's code: a street, a community or one grid. */
export const jurisdictionSchema = z.string().regex(/^\d{2,15}$/, "expected 2 to 15 digits");

/** Who asks. `id` is the account's, or `local` and `key` where nobody has an account. */
export const viewerSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(accountRoleSchema),
  /** Sees only what this department has a task in. */
  department: departmentCodeSchema.nullable(),
  /** Sees only cases of grids whose code begins so. */
  jurisdiction: z.string().nullable(),
});
export type Viewer = Readonly<z.infer<typeof viewerSchema>>;

/** How the audit names people. */
export function auditName({ id }: Pick<Viewer, "id">): string {
  return `operator:${id}`;
}

/** Answer of `GET /v1/session`. */
export const sessionViewSchema = z.object({
  /** `open`: loopback only, no sign-in; `key`: an operator key is asked for; `accounts`: a name. */
  mode: z.enum(["open", "key", "accounts"]),
  signedIn: z.boolean(),
  viewer: viewerSchema.optional(),
  /** What the viewer may do; a page hides the rest. */
  permissions: z.array(permissionSchema).optional(),
  /** When the session ends if nothing more is asked. */
  expiresAt: timestampSchema.optional(),
  /** How the button is named that leads to `GET /v1/session/openid`; absent where there is none. */
  singleSignOn: z.string().optional(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

export const accountNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{1,39}$/, "expected 2 to 40 of a-z, 0-9, dot, dash, underscore");

export const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;
const passwordSchema = z.string().min(1).max(MAX_PASSWORD_LENGTH);

/** Body of `POST /v1/session`: the operator key, or a name and a password. */
export const signInSchema = z.union([
  z.object({ key: z.string().min(1).max(512) }).strict(),
  z.object({ name: z.string().min(1).max(80), password: passwordSchema }).strict(),
]);
export type SignIn = z.infer<typeof signInSchema>;

const dutiesShape = {
  roles: z.array(accountRoleSchema).min(1).max(8),
  department: departmentCodeSchema.nullable().default(null),
  jurisdiction: jurisdictionSchema.nullable().default(null),
};
export const dutiesSchema = z
  .object(dutiesShape)
  .strict()
  .superRefine((duties, context) => {
    const problem = dutyProblem(duties);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", path: ["roles"], message: problem });
    }
  });
export type Duties = z.infer<typeof dutiesSchema>;

/** What is wrong with a set of roles; undefined for a sound one. */
export function dutyProblem({ roles, department, jurisdiction }: Duties): string | undefined {
  const has = (role: AccountRole): boolean => roles.includes(role);
  if (new Set(roles).size !== roles.length) {
    return "expected each role once";
  }
  if ((has("department") || has("grid-worker")) && roles.length > 1) {
    return "department and grid-worker stand alone: what they see is narrower";
  }
  if (has("auditor") && roles.length > 1) {
    return "auditor stands alone: nobody audits himself";
  }
  if (has("department") !== (department !== null)) {
    return "expected a department for the role department, and for no other";
  }
  if (has("grid-worker") && jurisdiction === null) {
    return "expected a jurisdiction for a grid worker";
  }
  return undefined;
}

export const newAccountSchema = z
  .object({ name: accountNameSchema, displayName: wordsSchema(80), ...dutiesShape })
  .strict();
export type NewAccount = z.infer<typeof newAccountSchema>;

/** Body of `PATCH /v1/accounts/{id}`; a change of duties or `enabled: false` ends all sessions. */
export const accountChangeSchema = z
  .object({
    displayName: wordsSchema(80),
    duties: dutiesSchema,
    enabled: z.boolean(),
  })
  .partial()
  .strict();
export type AccountChange = z.infer<typeof accountChangeSchema>;

export const accountViewSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  displayName: z.string(),
  roles: z.array(accountRoleSchema),
  department: departmentCodeSchema.nullable(),
  jurisdiction: z.string().nullable(),
  enabled: z.boolean(),
  /** Where the password is checked: here, or by the OpenID provider. */
  source: z.enum(["local", "openid"]),
  hasPassword: z.boolean(),
  /** Sessions that have not ended. */
  sessions: z.number().int().nonnegative(),
  createdAt: timestampSchema,
  signedInAt: timestampSchema.nullable(),
});
export type AccountView = z.infer<typeof accountViewSchema>;

/** A one-time link: whoever opens `/welcome#<token>` chooses the account's password. */
export const invitationSchema = z.object({
  account: accountViewSchema,
  /** Shown this once. */
  token: z.string(),
  expiresAt: timestampSchema,
});
export type Invitation = z.infer<typeof invitationSchema>;

/** Body of `POST /v1/session/invitation`. */
export const redeemInvitationSchema = z
  .object({ token: z.string().min(1).max(100), password: passwordSchema })
  .strict();

/** Body of `POST /v1/session/password`; ends the account's other sessions. */
export const passwordChangeSchema = z
  .object({ current: passwordSchema, next: passwordSchema })
  .strict();
