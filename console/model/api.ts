/** The brain's read API as the console uses it. Answers are trusted: both sides share the types. */
import type {
  CaseDetail,
  CaseList,
  CaseState,
  Catalogue,
  HealthView,
  Problem,
  SessionView,
  SignIn,
} from "../../protocol/index.ts";

/** Why a call gave nothing: the brain wants a key, says no, or was not reached at all. */
export type ApiFailure = "signed-out" | "refused" | "unreachable";

export class ApiError extends Error {
  readonly failure: ApiFailure;
  /** HTTP status, or null where no answer came. */
  readonly status: number | null;
  readonly problem: Problem | null;

  constructor(failure: ApiFailure, status: number | null, problem: Problem | null) {
    super(problem?.message ?? (status === null ? "no answer" : `HTTP ${status}`));
    this.name = "ApiError";
    this.failure = failure;
    this.status = status;
    this.problem = problem;
  }
}

export interface CaseQuery {
  readonly limit: number;
  readonly before?: string;
  readonly state?: CaseState;
}

export interface Api {
  session(signal?: AbortSignal): Promise<SessionView>;
  /** Signs in; throws `signed-out` for a wrong key, name or password. */
  signIn(who: SignIn, signal?: AbortSignal): Promise<void>;
  cases(query: CaseQuery, signal?: AbortSignal): Promise<CaseList>;
  caseDetail(id: string, signal?: AbortSignal): Promise<CaseDetail>;
  health(signal?: AbortSignal): Promise<HealthView>;
  catalogue(signal?: AbortSignal): Promise<Catalogue>;
  /** The open body of the event stream after a position. */
  stream(after: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** No answer of this API takes long; a hung brain must not leave a skeleton on the page. */
const ANSWER_TIMEOUT_MS = 10_000;

export function createApi(fetchFn: typeof fetch, base = ""): Api {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetchFn(base + path, { credentials: "same-origin", ...init });
    if (!response.ok) {
      throw await toError(response);
    }
    return response;
  };

  const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> => {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const headers = { accept: "application/json" };
    return reach(
      async () => (await (await ask(path, { headers, signal: both })).json()) as T,
      signal,
    );
  };

  return {
    session: (signal) => getJson("/v1/session", signal),
    async signIn(who, signal) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify(who);
      const init = { method: "POST", headers, body, ...(signal === undefined ? {} : { signal }) };
      await reach(() => ask("/v1/session", init), signal);
    },
    cases: (query, signal) => getJson(`/v1/cases?${toParams(query)}`, signal),
    caseDetail: (id, signal) => getJson(`/v1/cases/${encodeURIComponent(id)}`, signal),
    health: (signal) => getJson("/v1/health", signal),
    catalogue: (signal) => getJson("/v1/catalogue", signal),
    async stream(after, signal) {
      const headers = { accept: "text/event-stream" };
      const path = `/v1/stream?after=${encodeURIComponent(after)}`;
      const init = { headers, signal, cache: "no-store" } as const;
      const response = await reach(() => ask(path, init), signal);
      if (response.body === null) {
        throw unreachable();
      }
      return response.body;
    },
  };
}

/** Every failure that is no answer becomes `unreachable`, except the caller's own abort. */
export async function reach<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (signal?.aborted === true) {
      throw signal.reason;
    }
    throw cause instanceof ApiError ? cause : unreachable();
  }
}

function toParams(query: CaseQuery): string {
  const params = new URLSearchParams({ limit: String(query.limit) });
  if (query.before !== undefined) {
    params.set("before", query.before);
  }
  if (query.state !== undefined) {
    params.set("state", query.state);
  }
  return params.toString();
}

function unreachable(): ApiError {
  return new ApiError("unreachable", null, null);
}

export async function toError(response: Response): Promise<ApiError> {
  // A proxy in between may answer in HTML: then the status alone must do.
  const body: unknown = await response.json().catch(() => null);
  const isProblem = typeof body === "object" && body !== null && "message" in body;
  const problem = isProblem ? (body as Problem) : null;
  const isDown = response.status >= 502 && response.status <= 504 && problem === null;
  const failure = response.status === 401 ? "signed-out" : isDown ? "unreachable" : "refused";
  return new ApiError(failure, response.status, problem);
}
