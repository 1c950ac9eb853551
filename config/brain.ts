/** Configuration of the brain. The commented reference is `config/brain.example.yaml`. */
import path from "node:path";
import { z } from "zod";
import { accountRoleSchema, serviceLevelSchema } from "../protocol/index.ts";
import { loadYaml } from "./load.ts";

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const redisUrl = z.url({ protocol: /^rediss?$/ });

const tilesSchema = z
  .object({
    /** Web Mercator in WGS 84, such as `https://tiles.example.org/{z}/{x}/{y}.png`. */
    url: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => ["{z}", "{x}", "{y}"].every((part) => decodeURI(url).includes(part)),
        "expected {z}, {x} and {y} in the address",
      ),
    /** Whose map it is, as its licence asks. */
    attribution: z.string().max(200).default(""),
    maxZoom: z.number().int().min(1).max(22).default(18),
  })
  .strict();

const openIdSchema = z
  .object({
    /** The provider; over TLS unless it runs on this machine. */
    issuer: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => /^(https:|http:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$))/.test(url),
        "expected https, or http on loopback",
      ),
    clientId: z.string().min(1),
    clientSecretFile: z.string(),
    /** How the button is named. */
    label: z.string().min(1).max(40).default("OpenID"),
    scope: z.string().default("openid profile"),
    /** Claim that lists somebody's groups. */
    rolesClaim: z.string().default("roles"),
    /** Roles of each group; groups that are not named give none. */
    roles: z.record(z.string(), z.array(accountRoleSchema).min(1)),
    /** Claim with the code of a department, for the role `department`. */
    departmentClaim: z.string().optional(),
    /** Claim with the leading digits of somebody's grids. */
    jurisdictionClaim: z.string().optional(),
  })
  .strict();
export type OpenIdConfig = z.infer<typeof openIdSchema>;

export const brainConfigSchema = z
  .object({
    server: z
      .object({
        /** A loopback address needs no sign-in; any other needs `security.operatorKeyFile`. */
        host: z.string().default("127.0.0.1"),
        port: z.number().int().min(0).max(65_535).default(8080),
        /** Address under which nodes, departments and browsers reach the brain. */
        publicUrl: z.url({ protocol: /^https?$/ }).optional(),
        /** Proxies whose word on a browser's address is taken: addresses or networks in CIDR form. */
        trustedProxies: z.array(z.string()).default([]),
      })
      .strict()
      .prefault({}),
    database: z
      .object({
        /** Without it the brain starts a PostgreSQL of its own in `dataDir`. */
        url: postgresUrl.optional(),
        dataDir: z.string().default(".data/postgres"),
      })
      .strict()
      .prefault({}),
    jobs: z
      .object({
        /** With it jobs run on Redis, without it on PostgreSQL. */
        redisUrl: redisUrl.optional(),
      })
      .strict()
      .prefault({}),
    evidence: z
      .object({
        dir: z.string().default(".data/evidence"),
        /** Largest picture accepted. */
        maxBytes: z.number().int().positive().default(5_000_000),
      })
      .strict()
      .prefault({}),
    security: z
      .object({
        /** 32 random bytes, base64: encrypts stored secrets and signs sessions. Made if absent. */
        secretKeyFile: z.string().default(".data/secret.key"),
        /** The control room's key; asked for on every address but loopback. */
        operatorKeyFile: z.string().optional(),
      })
      .strict()
      .prefault({}),
    accounts: z
      .object({
        /** True: everybody signs in with an account, on loopback too. */
        enabled: z.boolean().default(false),
        /** A session ends after so long without a request. */
        idleMin: z.number().positive().max(1_440).default(30),
        /** It ends then in any case. */
        absoluteH: z.number().positive().max(168).default(12),
        openId: openIdSchema.optional(),
      })
      .strict()
      .prefault({}),
    intake: z
      .object({
        /** Events accepted and not yet worked off; more answer 429. */
        maxInbox: z.number().int().positive().default(50_000),
        /** Events whose onset lies further back are refused. */
        maxAgeH: z
          .number()
          .positive()
          .default(24 * 7),
        /** Events whose onset lies further ahead are refused. */
        maxFutureS: z.number().positive().default(300),
      })
      .strict()
      .prefault({}),
    dispatch: z
      .object({
        timeoutMs: z.number().int().positive().default(5_000),
        /** Requests in flight to one endpoint. */
        lane: z.number().int().positive().default(16),
        /** Networks that endpoints may lie in beside public ones, in CIDR form. */
        allowedNetworks: z.array(z.string()).default(["127.0.0.0/8", "::1/128"]),
      })
      .strict()
      .prefault({}),
    filing: z
      .object({
        /** Service levels whose cases are filed and dispatched without an operator. */
        automatic: z.array(serviceLevelSchema).default(["S0", "S1", "S2", "S3", "S4"]),
      })
      .strict()
      .prefault({}),
    correlation: z
      .object({
        /** Incidents that one camera may begin in a minute; what is beyond joins one storm. */
        stormPerMinute: z.number().int().positive().default(20),
        /** Minutes after which what an event tells of sends nobody out by itself. */
        lateAfterMin: z.number().positive().default(30),
      })
      .strict()
      .prefault({}),
    /** A broker that is told of changed cases beside subscribers over HTTP. */
    mqtt: z
      .object({
        url: z
          .url({ protocol: /^mqtts?$/ })
          .refine((url) => new URL(url).password === "", "expected the password in passwordFile"),
        /** Messages go to `<topic>/<event type>`. */
        topic: z
          .string()
          .regex(/^[^#+\s/][^#+\s]{0,200}$/, "expected a topic without wildcards")
          .default("sharp-eyes/cases"),
        /** A broker lets one client of a name be: absent, each replica has another one. */
        clientId: z.string().min(1).max(23).optional(),
        username: z.string().optional(),
        passwordFile: z.string().optional(),
        /** PEM of the authority behind the broker's certificate. */
        caFile: z.string().optional(),
      })
      .strict()
      .optional(),
    console: z
      .object({
        /** A background for the map; without it the map shows the town's own shapes alone. */
        tiles: tilesSchema.optional(),
      })
      .strict()
      .prefault({}),
    retention: z
      .object({
        /** Minutes between two runs. */
        everyMin: z.number().positive().max(1_440).default(60),
        /** Rows or files of one step. */
        batch: z.number().int().min(1).max(10_000).default(500),
        /** Pictures whose bytes are compared with their checksum in one run. */
        checkPerRun: z.number().int().nonnegative().default(1_000),
        /** Days for pictures of no camera of the directory, such as people's. */
        evidenceDays: z.number().int().positive().default(30),
        /** Hours for a file that no row knows. */
        orphanH: z.number().positive().default(24),
        /** Hours for pictures that were ordered in order to draw rules. */
        snapshotH: z.number().positive().default(24),
        /** Days that a page or a subscriber may have been away and still follow on. */
        streamDays: z.number().positive().default(7),
        /** Days after which alarms of incidents that are over are no more correlated with. */
        alarmDays: z.number().positive().default(14),
        stormDays: z.number().positive().default(8),
        /** Days for attempts of deliveries that are settled. */
        attemptDays: z.number().positive().default(90),
        /** Days for silences, and what each kept back, after their end. */
        silenceDays: z.number().positive().default(90),
        /** Days for the keys that make a repeated command harmless. */
        commandDays: z.number().positive().default(7),
        quarantineDays: z.number().positive().default(30),
        /** Days after a session, an invitation or a try to sign in has ended. */
        sessionDays: z.number().positive().default(1),
        /** Days after the time for rating for which a reporter's contact is kept. */
        contactDays: z.number().positive().default(30),
      })
      .strict()
      .prefault({}),
    /** Path of the directory file. */
    directory: z.string(),
    /** Folder of a town's files, imported at the start while the database has no town yet. */
    town: z.string().optional(),
  })
  .strict();
export type BrainConfig = z.infer<typeof brainConfigSchema>;

function filesOf(
  { passwordFile, caFile }: NonNullable<BrainConfig["mqtt"]>,
  resolve: (name: string) => string,
): { readonly passwordFile?: string; readonly caFile?: string } {
  return {
    ...(passwordFile === undefined ? {} : { passwordFile: resolve(passwordFile) }),
    ...(caFile === undefined ? {} : { caFile: resolve(caFile) }),
  };
}

/** Loads the brain's configuration; relative paths in it start at its own folder. */
export function loadBrainConfig(file: string): BrainConfig {
  const config = loadYaml(file, brainConfigSchema);
  const base = path.dirname(path.resolve(file));
  const resolve = (name: string): string => path.resolve(base, name);
  const { operatorKeyFile } = config.security;
  const { openId } = config.accounts;
  const { town, mqtt } = config;
  return {
    ...config,
    database: { ...config.database, dataDir: resolve(config.database.dataDir) },
    evidence: { ...config.evidence, dir: resolve(config.evidence.dir) },
    security: {
      secretKeyFile: resolve(config.security.secretKeyFile),
      ...(operatorKeyFile === undefined ? {} : { operatorKeyFile: resolve(operatorKeyFile) }),
    },
    ...(openId === undefined
      ? {}
      : {
          accounts: {
            ...config.accounts,
            openId: { ...openId, clientSecretFile: resolve(openId.clientSecretFile) },
          },
        }),
    ...(mqtt === undefined ? {} : { mqtt: { ...mqtt, ...filesOf(mqtt, resolve) } }),
    directory: resolve(config.directory),
    ...(town === undefined ? {} : { town: resolve(town) }),
  };
}
