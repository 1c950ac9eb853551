/** Signing in at an OpenID provider: authorization code with PKCE, state and nonce. */
import * as openId from "openid-client";
import { type Duties, dutiesSchema, PermanentError, TransientError } from "../../protocol/index.ts";
import type { OpenIdConfig } from "../../config/index.ts";
import { refused } from "./sign-in.ts";

/** What the browser carries to the provider and back, sealed. */
export interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** A journey that takes longer begins again, epoch ms. */
  readonly endsAt: number;
}

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly duties: Duties;
}

export interface OpenIdClient {
  /** How the button is named. */
  readonly label: string;
  start(now: number): Promise<{ readonly url: string; readonly journey: Journey }>;
  /** @throws PermanentError SIGN_IN_REFUSED, TransientError UNAVAILABLE. */
  finish(query: string, journey: Journey, now: number): Promise<Identity>;
}

const JOURNEY_MS = 10 * 60_000;
const TIMEOUT_S = 10;

export interface OpenIdInput {
  readonly config: OpenIdConfig;
  readonly clientSecret: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUrl: () => string;
}

export function createOpenIdClient(input: OpenIdInput): OpenIdClient {
  const { config, redirectUrl } = input;
  let known: Promise<openId.Configuration> | undefined;
  const discover = (): Promise<openId.Configuration> => {
    // A provider that was away at the first try is asked again at the next.
    known ??= discoverProvider(input).catch((error: unknown) => {
      known = undefined;
      throw unreachable(config.issuer, error);
    });
    return known;
  };
  return {
    label: config.label,
    start: async (now) => {
      const provider = await discover();
      const verifier = openId.randomPKCECodeVerifier();
      const [state, nonce] = [openId.randomState(), openId.randomNonce()];
      const url = openId.buildAuthorizationUrl(provider, {
        redirect_uri: redirectUrl(),
        scope: config.scope,
        code_challenge: await openId.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
      });
      return { url: url.href, journey: { state, nonce, verifier, endsAt: now + JOURNEY_MS } };
    },
    finish: async (query, journey, now) => {
      if (journey.endsAt <= now) {
        throw refused();
      }
      const provider = await discover();
      const current = new URL(redirectUrl());
      current.search = query;
      const claims = await readClaims(provider, current, journey);
      return toIdentity(claims, config);
    },
  };
}

function discoverProvider({ config, clientSecret }: OpenIdInput): Promise<openId.Configuration> {
  const issuer = new URL(config.issuer);
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(issuer.hostname);
  return openId.discovery(
    issuer,
    config.clientId,
    undefined,
    openId.ClientSecretBasic(clientSecret),
    {
      timeout: TIMEOUT_S,
      execute: [
        openId.enableNonRepudiationChecks,
        // Without TLS on this machine alone.
        ...(isLoopback ? [openId.allowInsecureRequests] : []),
      ],
    },
  );
}

type Claims = Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };

async function readClaims(
  provider: openId.Configuration,
  current: URL,
  { state, nonce, verifier }: Journey,
): Promise<Claims> {
  try {
    const tokens = await openId.authorizationCodeGrant(provider, current, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) {
      throw refused();
    }
    const more =
      provider.serverMetadata().userinfo_endpoint === undefined
        ? {}
        : await openId.fetchUserInfo(provider, tokens.access_token, claims.sub);
    return { ...more, ...claims };
  } catch (error) {
    if (error instanceof PermanentError || isRefusal(error)) {
      throw refused();
    }
    throw unreachable(provider.serverMetadata().issuer, error);
  }
}

/** What the provider or the checks said no to; everything else is the network's. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof openId.AuthorizationResponseError ||
    error instanceof openId.ResponseBodyError ||
    error instanceof openId.WWWAuthenticateChallengeError ||
    (error instanceof openId.ClientError && error.code !== "OAUTH_TIMEOUT")
  );
}

function unreachable(issuer: string, cause: unknown): TransientError {
  return new TransientError(
    "UNAVAILABLE",
    "The OpenID provider does not answer",
    { where: new URL(issuer).host, expected: "its configuration and its keys" },
    cause,
  );
}

/** Roles come from the provider at every sign-in; without any nobody gets in. */
function toIdentity(claims: Claims, config: OpenIdConfig): Identity {
  const groups = listOf(claims[config.rolesClaim]);
  const roles = [...new Set(groups.flatMap((group) => config.roles[group] ?? []))];
  const claimed = (name: string | undefined): string | null =>
    name === undefined ? null : (listOf(claims[name])[0] ?? null);
  const duties = dutiesSchema.safeParse({
    roles,
    department: roles.includes("department") ? claimed(config.departmentClaim) : null,
    jurisdiction: claimed(config.jurisdictionClaim),
  });
  if (!duties.success) {
    throw new PermanentError("SIGN_IN_REFUSED", "The provider names no sound roles for you", {
      where: config.rolesClaim,
      expected: duties.error.issues[0]?.message ?? "a group that the configuration maps to roles",
      got: groups.slice(0, 10).join(", ").slice(0, 200),
    });
  }
  const name = [claims["preferred_username"], claims["name"], claims["email"], claims.sub].find(
    (one) => typeof one === "string" && one.trim() !== "",
  ) as string;
  return {
    issuer: claims.iss,
    subject: claims.sub,
    name: name.trim().slice(0, 80),
    duties: duties.data,
  };
}

function listOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === "string");
}
