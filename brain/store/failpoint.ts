/**
 * Named places at which a test may end the process or hold it up: around every commit and every
 * HTTP phase. Nothing in the product arms them; a test does, by a module that it loads before the
 * program (bench/chaos/arm.ts).
 */
export type Failpoint =
  | "transaction.begun"
  | "transaction.before-commit"
  | "transaction.committed"
  | "webhook.before-post"
  | "webhook.posted";

let hook: ((name: Failpoint) => void | Promise<void>) | undefined;

/** For tests only: what happens at each failpoint. */
export function armFailpoints(armed: (name: Failpoint) => void | Promise<void>): void {
  hook = armed;
}

export async function reach(name: Failpoint): Promise<void> {
  if (hook !== undefined) {
    await hook(name);
  }
}
