/** Drafts for as long as the page is open. */
import type { DraftStore } from "./outbox.ts";
import type { Draft } from "./report-api.ts";

export function memoryStore(): DraftStore {
  const drafts = new Map<string, Draft>();
  return {
    all: () => Promise.resolve([...drafts.values()]),
    put: (draft) => {
      drafts.set(draft.id, draft);
      return Promise.resolve();
    },
    remove: (id) => {
      drafts.delete(id);
      return Promise.resolve();
    },
  };
}
