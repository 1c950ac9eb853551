/** Drafts in IndexedDB, which keeps pictures; in memory where the browser forbids it. */
import { memoryStore } from "./memory-store.ts";
import type { DraftStore } from "./outbox.ts";
import type { Draft } from "./report-api.ts";

const DATABASE = "sesb-reports";
const STORE = "drafts";

interface Kept extends Draft {
  /** Order in which they were written. */
  readonly at: number;
}

/** Usable at once: what is asked of it waits for the database, which a slow phone takes a while for. */
export function openDraftStore(now: () => number): DraftStore {
  const opened = openDatabase().then((database) => indexedStore(database, now), memoryStore);
  return {
    all: async () => (await opened).all(),
    put: async (draft) => (await opened).put(draft),
    remove: async (id) => (await opened).remove(id),
  };
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE, { keyPath: "id" });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB"));
  });
}

function indexedStore(database: IDBDatabase, now: () => number): DraftStore {
  const run = <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB"));
      transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
    });
  return {
    all: async () => {
      const kept = await run("readonly", (store) => store.getAll() as IDBRequest<Kept[]>);
      return kept.sort((a, b) => a.at - b.at);
    },
    put: async (draft) => {
      await run("readwrite", (store) => store.put({ ...draft, at: now() } satisfies Kept));
    },
    remove: async (id) => {
      await run("readwrite", (store) => store.delete(id));
    },
  };
}
