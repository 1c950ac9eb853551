/** How many accepted events wait for correlation, kept in memory and corrected by counts. */
export interface InboxDepth {
  current(): number;
  add(events: number): void;
  /** Sets the depth that a count of the table found. */
  set(events: number): void;
}

export function createInboxDepth(): InboxDepth {
  let depth = 0;
  return {
    current: () => depth,
    add: (events) => {
      depth = Math.max(0, depth + events);
    },
    set: (events) => {
      depth = events;
    },
  };
}
