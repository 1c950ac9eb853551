/** Reports that could not be sent yet: kept on the phone, sent when the brain is reached again. */
import { type Draft, RefusedError } from "./report-api.ts";

/** A place that survives the page. */
export interface DraftStore {
  all(): Promise<readonly Draft[]>;
  put(draft: Draft): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface OutboxInput<Receipt> {
  readonly store: DraftStore;
  readonly send: (draft: Draft) => Promise<Receipt>;
  readonly onSent: (draft: Draft, receipt: Receipt) => void;
  /** Refused for good: it stays for its writer to see, and is not sent again by itself. */
  readonly onRefused: (draft: Draft, error: RefusedError) => void;
  readonly onChange: (waiting: readonly Draft[]) => void;
}

export interface Outbox {
  /** Durable when it resolves; then it is tried at once. */
  add(draft: Draft): Promise<void>;
  remove(id: string): Promise<void>;
  /** Tries all that wait, oldest first; calls that overlap are one. */
  flush(): Promise<void>;
}

/** More than this is no report from the street any more. */
export const OUTBOX_LIMIT = 20;

export function createOutbox<Receipt>(input: OutboxInput<Receipt>): Outbox {
  const { store, send } = input;
  const refused = new Set<string>();
  let flushing: Promise<void> | undefined;
  const changed = async (): Promise<void> => input.onChange(await store.all());

  const sendAll = async (): Promise<void> => {
    for (const draft of await store.all()) {
      if (refused.has(draft.id)) {
        continue;
      }
      try {
        const receipt = await send(draft);
        await store.remove(draft.id);
        input.onSent(draft, receipt);
      } catch (error) {
        if (!(error instanceof RefusedError && error.isFinal)) {
          break; // What comes after it would meet the same.
        }
        refused.add(draft.id);
        input.onRefused(draft, error);
      }
    }
    await changed();
  };
  const flush = (): Promise<void> => {
    flushing ??= sendAll().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };
  return {
    add: async (draft) => {
      if ((await store.all()).length >= OUTBOX_LIMIT) {
        throw new RefusedError(429, { code: "OVERLOADED" });
      }
      await store.put(draft);
      await changed();
      // A flush that is under way has read its list already.
      await flushing;
      await flush();
    },
    remove: async (id) => {
      await store.remove(id);
      await changed();
    },
    flush,
  };
}
