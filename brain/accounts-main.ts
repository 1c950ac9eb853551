/** `npm run accounts`: makes the first administrator, and mends accounts without the page. */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { uuidv7 } from "uuidv7";
import { type BrainConfig, loadBrainConfig } from "../config/index.ts";
import {
  AppError,
  fromZodError,
  newAccountSchema,
  PermanentError,
  systemClock,
} from "../protocol/index.ts";
import {
  type AccountBook,
  createAccountBook,
  createAccountSessions,
  createPasswords,
  type NewInvitation,
  redeemInvitation,
  type SignInInput,
} from "./accounts/index.ts";
import { migrate, openDatabase, silentLog } from "./store/index.ts";

const USAGE = `npm run accounts -- add NAME --roles administrator --config brain.yaml [--password]
npm run accounts -- list | link NAME | enable NAME | disable NAME | sign-out NAME --config …

  add             makes an account and prints a one-time link, good for a day
  --roles         operator, dispatcher, checker, supervisor, department, grid-worker, auditor,
                  administrator; several with commas
  --display-name  how the account is shown; the name where absent
  --department    two letters, for the role department
  --jurisdiction  leading digits of grid codes: only their cases are seen
  --password      asks for the password here instead of printing a link
  link            a new one-time link; the password of before and all sessions end
  --config        the brain's configuration; DATABASE_URL names another database. With the
                  database inside, stop the brain first
`;
const BY = { actor: "operator:command-line" };

interface Options {
  readonly roles: string | undefined;
  readonly displayName: string | undefined;
  readonly department: string | undefined;
  readonly jurisdiction: string | undefined;
  readonly password: boolean;
}

interface Desk {
  readonly config: BrainConfig;
  readonly book: AccountBook;
  readonly signIn: SignInInput;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "c" },
      roles: { type: "string" },
      "display-name": { type: "string" },
      department: { type: "string" },
      jurisdiction: { type: "string" },
      password: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, name, ...rest] = positionals;
  const isWhole = command === "list" ? name === undefined : name !== undefined;
  if (values.help || command === undefined || !isWhole || rest.length > 0) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const options = { ...values, displayName: values["display-name"] } as Options;
  return withDesk(values.config, (desk) => carryOut(desk, command, name ?? "", options));
}

async function carryOut(
  desk: Desk,
  command: string,
  name: string,
  options: Options,
): Promise<number> {
  const { book } = desk;
  switch (command) {
    case "add":
      await handOver(desk, await book.add(readAccount(name, options), BY), options.password);
      return 0;
    case "link":
      await handOver(desk, await book.invite(await idOf(book, name), BY), options.password);
      return 0;
    case "enable":
    case "disable":
      await book.change(await idOf(book, name), { enabled: command === "enable" }, BY);
      return 0;
    case "sign-out": {
      const ended = await book.endSessions(await idOf(book, name), BY);
      process.stdout.write(`${String(ended)} sessions ended\n`);
      return 0;
    }
    case "list":
      for (const account of await book.list()) {
        const { roles, department, enabled, source, signedInAt } = account;
        const state = enabled ? "" : " disabled";
        const last = signedInAt ?? "never";
        process.stdout.write(
          `${account.name}\t${roles.join(",")}\t${department ?? "-"}\t${source}${state}\t${last}\n`,
        );
      }
      return 0;
    default:
      process.stderr.write(`There is no command ${command}\n\n${USAGE}`);
      return 2;
  }
}

function readAccount(name: string, options: Options) {
  const parsed = newAccountSchema.safeParse({
    name,
    displayName: options.displayName ?? name,
    roles: (options.roles ?? "").split(",").filter((role) => role !== ""),
    department: options.department ?? null,
    jurisdiction: options.jurisdiction ?? null,
  });
  if (!parsed.success) {
    throw fromZodError("CONFIG_INVALID", "The account", parsed.error, "command line");
  }
  return parsed.data;
}

async function idOf(book: AccountBook, name: string): Promise<string> {
  const id = await book.idOf(name.toLowerCase());
  if (id === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no local account of this name", {
      where: name,
    });
  }
  return id;
}

async function handOver(
  { config, signIn }: Desk,
  { account, token, expiresAt }: NewInvitation,
  asksPassword: boolean,
): Promise<void> {
  if (asksPassword) {
    const password = await askPassword(`Password for ${account.name}: `);
    const session = await redeemInvitation(signIn, { token, password, address: "command line" });
    await signIn.sessions.end(session.token);
    process.stdout.write(`${account.name} can sign in\n`);
    return;
  }
  const { publicUrl, host, port } = config.server;
  const base = publicUrl?.replace(/\/+$/, "") ?? `http://${host}:${String(port)}`;
  const until = new Date(expiresAt).toISOString();
  process.stdout.write(`Good once, until ${until}:\n${base}/welcome#${token}\n`);
}

/** Shows nothing of what is typed; from a pipe, the first line. */
function askPassword(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const isTerminal = stdin.isTTY;
  if (isTerminal) {
    stderr.write(question);
  }
  // Without an output readline echoes nothing.
  const lines = createInterface({ input: stdin, terminal: isTerminal });
  return new Promise((resolve) => {
    let given = "";
    lines.once("line", (line) => {
      given = line;
      lines.close();
    });
    lines.once("close", () => {
      if (isTerminal) {
        stderr.write("\n");
      }
      resolve(given);
    });
  });
}

async function withDesk(
  file: string | undefined,
  work: (desk: Desk) => Promise<number>,
): Promise<number> {
  if (file === undefined) {
    throw new PermanentError("CONFIG_INVALID", "No configuration is named", {
      where: "command line",
      expected: "--config brain.yaml",
    });
  }
  const config = loadBrainConfig(file);
  const url = process.env["DATABASE_URL"];
  const database = await openDatabase({
    config: url === undefined ? config.database : { ...config.database, url },
    clock: systemClock,
    log: silentLog,
  });
  try {
    await migrate({ pool: database.pool, clock: systemClock, log: silentLog });
    const { db } = database;
    const { idleMin, absoluteH } = config.accounts;
    const limits = { idleMs: idleMin * 60_000, absoluteMs: absoluteH * 3_600_000 };
    const sessions = createAccountSessions({ db, clock: systemClock, limits });
    return await work({
      config,
      book: createAccountBook({ db, clock: systemClock, newId: uuidv7, sessions }),
      signIn: { db, clock: systemClock, sessions, passwords: createPasswords() },
    });
  } finally {
    await database.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text = error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}
