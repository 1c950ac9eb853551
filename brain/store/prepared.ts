/** Statements that are sent hundreds of times a second are planned once for each connection. */
import type pg from "pg";

/** A statement that begins so is prepared under that name; its text must always be the same. */
const NAME = /^\s*\/\* prepared: ([a-z-]{1,40}) \*\//;

/** @returns the name that a statement asks to be prepared under. */
export function preparedNameOf(text: string): string | undefined {
  return NAME.exec(text)?.[1];
}

/**
 * Lets a connection prepare the statements that ask for it. What is planned once is planned without
 * its values, so only those whose best plan does not depend on them should.
 */
export function prepareNamed(client: pg.ClientBase): void {
  const plain = client.query.bind(client) as (...given: unknown[]) => unknown;
  const query = (...given: unknown[]): unknown => {
    const [text, values, ...rest] = given;
    const name = typeof text === "string" ? preparedNameOf(text) : undefined;
    return name === undefined ? plain(...given) : plain({ name, text, values }, ...rest);
  };
  client.query = query as typeof client.query;
}
