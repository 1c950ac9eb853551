/** What a control room asks for, at a steady pace whatever the answers take. */

export const LISTS: readonly { readonly name: string; readonly path: string }[] = [
  { name: "newest", path: "/v1/cases?limit=50" },
  { name: "dispatched", path: "/v1/cases?limit=50&state=DISPATCHED" },
  { name: "filed (rare)", path: "/v1/cases?limit=50&state=FILED" },
  { name: "handling, full page", path: "/v1/cases?limit=200&state=HANDLING" },
  { name: "page far back", path: "/v1/cases?limit=50&before=DEEP" },
  { name: "by urgency", path: "/v1/queue?limit=100" },
  { name: "one case", path: "/v1/cases/ONE" },
];

interface Page {
  readonly items: readonly { readonly id: string }[];
}

/** @returns milliseconds from the time at which each was to be asked, by name. */
export async function askFor(
  url: string,
  perS: number,
  seconds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const latencies = new Map<string, number[]>(LISTS.map(({ name }) => [name, []]));
  const first = (await (await fetch(`${url}/v1/cases?limit=50`)).json()) as Page;
  const one = first.items[0]?.id ?? "";
  // A week ago: most cases are newer, so that an index is walked and not just opened.
  const deep = `${String(Date.now() - 7 * 86_400_000)}_00000000-0000-7000-8000-000000000000`;
  const startMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let index = 0; index < perS * seconds; index += 1) {
    const dueMs = startMs + (index * 1000) / perS;
    await pause(dueMs - performance.now());
    const list = LISTS[index % LISTS.length];
    if (list !== undefined) {
      const address = url + list.path.replace("DEEP", deep).replace("ONE", one);
      asked.push(ask(address, dueMs, latencies.get(list.name) ?? []));
    }
  }
  await Promise.all(asked);
  return latencies;
}

async function ask(address: string, dueMs: number, into: number[]): Promise<void> {
  const response = await fetch(address);
  await response.arrayBuffer();
  if (!response.ok) {
    throw new Error(`GET ${address} answered ${String(response.status)}`);
  }
  into.push(performance.now() - dueMs);
}

export function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
