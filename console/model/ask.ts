/** How every part of the page asks the brain: with the session, a time limit, and errors that say why. */
import { reach, toError } from "./api.ts";

export interface Asker {
  /** Rejects with an ApiError for every answer that is not 2xx, and where none comes in time. */
  ask(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response>;
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** `key`: pressed twice, it is done once. */
  send<T>(method: string, path: string, body?: unknown, key?: string): Promise<T>;
}

export function createAsker(fetchFn: typeof fetch, base: string, timeoutMs: number): Asker {
  const ask = (path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> =>
    reach(async () => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const response = await fetchFn(base + path, {
        credentials: "same-origin",
        ...init,
        signal: both,
      });
      if (!response.ok) {
        throw await toError(response);
      }
      return response;
    }, signal);
  return {
    ask,
    async get<T>(path: string, signal?: AbortSignal) {
      const response = await ask(path, { headers: { accept: "application/json" } }, signal);
      return (await response.json()) as T;
    },
    async send<T>(method: string, path: string, body?: unknown, key?: string) {
      const headers = {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      };
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await ask(path, { method, headers, ...text });
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
  };
}
