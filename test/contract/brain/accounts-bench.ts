/** A brain that asks for accounts, and people with sessions. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import {
  type AccountBook,
  createAccountBook,
  createAccountSessions,
} from "../../../brain/accounts/index.ts";
import type { Schema } from "../../../brain/store/index.ts";
import {
  type AccountRole,
  newAccountSchema,
  type Problem,
  systemClock,
} from "../../../protocol/index.ts";
import { type BenchOptions, type BrainBench, startBench } from "./brain-bench.ts";

export const PASSWORD = "correct horse battery staple";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly headers: { readonly cookie: string };
}

export interface AccountsBench extends AsyncDisposable {
  readonly brain: BrainBench;
  readonly db: Kysely<Schema>;
  readonly book: AccountBook;
  /** Makes an account, chooses its password by the link, and stays signed in. */
  person(name: string, duties?: DutiesInput): Promise<Person>;
  request(method: string, address: string, options?: RequestOptions): Promise<Response>;
  signIn(name: string, password?: string): Promise<Response>;
}

export interface DutiesInput {
  readonly roles?: readonly AccountRole[];
  readonly department?: string;
  readonly jurisdiction?: string;
}

export interface RequestOptions {
  readonly as?: Person | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function startAccountsBench(
  options: Partial<BenchOptions> = {},
): Promise<AccountsBench> {
  const { accounts, ...config } = options.config ?? {};
  const brain = await startBench({
    endpoints: [],
    ...options,
    config: { ...config, accounts: { enabled: true, ...(accounts as object | undefined) } },
  });
  const pool = new pg.Pool({ connectionString: brain.postgres.connectionString, max: 2 });
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const clock = options.clock ?? systemClock;
  const limits = { idleMs: 1_800_000, absoluteMs: 43_200_000 };
  const sessions = createAccountSessions({ db, clock, limits });
  const book = createAccountBook({ db, clock, newId: uuidv7, sessions });
  const request: AccountsBench["request"] = (method, address, { as, body, headers, signal } = {}) =>
    fetch(`${brain.url}${address}`, {
      method,
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...as?.headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    brain,
    db,
    book,
    request,
    signIn: (name, password = PASSWORD) =>
      request("POST", "/v1/session", { body: { name, password } }),
    person: async (name, { roles = ["operator"], department, jurisdiction } = {}) => {
      const account = newAccountSchema.parse({
        ...{ name, displayName: name, roles },
        department: department ?? null,
        jurisdiction: jurisdiction ?? null,
      });
      const made = await book.add(account, { actor: "operator:command-line" });
      const response = await request("POST", "/v1/session/invitation", {
        body: { token: made.token, password: PASSWORD },
      });
      return { id: made.account.id, name, headers: { cookie: cookieOf(response) } };
    },
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await brain[Symbol.asyncDispose]();
    },
  };
}

/** The session that an answer gives. */
export function cookieOf(response: Response): string {
  const header = response.headers.getSetCookie().find((one) => one.startsWith("sesb_session="));
  const cookie = header?.split(";")[0];
  if (cookie === undefined) {
    throw new Error(`no session in an answer of ${response.status}`);
  }
  return cookie;
}

export async function codeOf(response: Response): Promise<string> {
  return response.ok ? "OK" : ((await response.json()) as Problem).code;
}
