/**
 * What a department has received and answered, on disk before it is answered: one JSON object a
 * line, appended and flushed. A repeated webhook and a restart are both told from it.
 */
import { mkdir, open, readFile, rename, writeFile, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { deliveryIdSchema, type DeliveryId } from "../../protocol/index.ts";

export const receivedSchema = z.object({
  kind: z.literal("received"),
  /** `webhook-id`. */
  id: deliveryIdSchema,
  department: z.string(),
  /** Epoch ms, when the last byte had come. */
  receivedAt: z.number(),
  taskId: z.string(),
  caseId: z.string(),
  caseNumber: z.string(),
  eventType: z.string(),
  /** RFC 3339, capture of the frame that completed the incident. */
  captureTime: z.string(),
  acknowledgeUrl: z.string(),
});
export type Received = z.infer<typeof receivedSchema>;

const lineSchema = z.discriminatedUnion("kind", [
  receivedSchema,
  /** The same webhook came again and was answered without working on it again. */
  z.object({ kind: z.literal("repeated"), id: deliveryIdSchema, receivedAt: z.number() }),
  z.object({ kind: z.literal("acknowledged"), id: deliveryIdSchema, at: z.number() }),
  z.object({
    kind: z.literal("refused"),
    id: deliveryIdSchema,
    at: z.number(),
    reason: z.string(),
  }),
  /** The brain took a task back; nobody works on it any more. */
  z.object({
    kind: z.literal("cancelled"),
    id: deliveryIdSchema,
    taskId: z.string(),
    at: z.number(),
    cause: z.string(),
  }),
]);
export type LedgerLine = z.infer<typeof lineSchema>;

/** Answered webhooks remembered over a restart; far more than a sender's retries reach back. */
const KEEP_ANSWERED = 50_000;

export class Ledger {
  readonly #file: FileHandle;
  readonly #seen: Map<DeliveryId, Received>;
  readonly #open: Map<DeliveryId, Received>;
  readonly #cancelled = new Set<DeliveryId>();
  /** The write under way and the lines waiting for the next one: many lines share one flush. */
  #flush: Promise<void> = Promise.resolve();
  #waiting: string[] = [];
  #next: Promise<void> | undefined;

  private constructor(file: FileHandle, lines: readonly LedgerLine[]) {
    this.#file = file;
    this.#seen = new Map(
      lines.flatMap((line) => (line.kind === "received" ? [[line.id, line]] : [])),
    );
    this.#open = new Map(this.#seen);
    for (const line of lines) {
      if (line.kind === "acknowledged" || line.kind === "refused") {
        this.#open.delete(line.id);
      }
      if (line.kind === "cancelled") {
        this.#cancelled.add(line.id);
        this.#forget(line.taskId);
      }
    }
  }

  static async open(folder: string): Promise<Ledger> {
    await mkdir(folder, { recursive: true });
    const name = path.join(folder, "ledger.jsonl");
    const text = await readFile(name, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return "";
      }
      throw error;
    });
    const lines = trim(parseLedger(text));
    const whole = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    if (whole !== text) {
      // A line torn by a crash, or more than is kept: write anew, then put in place.
      await writeFile(`${name}.part`, whole, { flush: true, mode: 0o600 });
      await rename(`${name}.part`, name);
    }
    return new Ledger(await open(name, "a", 0o600), lines);
  }

  /** Received and neither acknowledged nor refused, oldest first. */
  get unanswered(): readonly Received[] {
    return [...this.#open.values()];
  }

  get counts(): { readonly received: number; readonly unanswered: number } {
    return { received: this.#seen.size, unanswered: this.#open.size };
  }

  /** Resolves once the webhook is on disk; false says that it was known already. */
  async receive(entry: Received): Promise<boolean> {
    if (this.#seen.has(entry.id)) {
      await this.#append({ kind: "repeated", id: entry.id, receivedAt: entry.receivedAt });
      return false;
    }
    this.#seen.set(entry.id, entry);
    this.#open.set(entry.id, entry);
    try {
      await this.#append(entry);
    } catch (error) {
      this.#seen.delete(entry.id);
      this.#open.delete(entry.id);
      throw error;
    }
    return true;
  }

  /** A task that is taken back need not be answered. False says that it was known already. */
  async cancel(line: Extract<LedgerLine, { kind: "cancelled" }>): Promise<boolean> {
    if (this.#cancelled.has(line.id)) {
      await this.#append({ kind: "repeated", id: line.id, receivedAt: line.at });
      return false;
    }
    await this.#append(line);
    this.#cancelled.add(line.id);
    this.#forget(line.taskId);
    return true;
  }

  #forget(taskId: string): void {
    for (const entry of this.#open.values()) {
      if (entry.taskId === taskId) {
        this.#open.delete(entry.id);
      }
    }
  }

  async close(line: Extract<LedgerLine, { kind: "acknowledged" | "refused" }>): Promise<void> {
    await this.#append(line);
    this.#open.delete(line.id);
  }

  async end(): Promise<void> {
    await this.#flush.catch(() => undefined);
    await this.#next?.catch(() => undefined);
    await this.#file.close();
  }

  #append(line: LedgerLine): Promise<void> {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#next ??= this.#flush
      .catch(() => undefined)
      .then(async () => {
        const text = this.#waiting.join("");
        this.#waiting = [];
        this.#next = undefined;
        this.#flush = this.#write(text);
        await this.#flush;
      });
    return this.#next;
  }

  async #write(text: string): Promise<void> {
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }
}

/** Lines of a ledger in order; what a crash tore off is left out. */
export function parseLedger(text: string): LedgerLine[] {
  return text.split("\n").flatMap((line) => {
    try {
      const parsed = lineSchema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

function trim(lines: LedgerLine[]): LedgerLine[] {
  const answered = lines.filter((line) => line.kind === "acknowledged" || line.kind === "refused");
  const forgotten = new Set(answered.slice(0, -KEEP_ANSWERED).map((line) => line.id));
  return forgotten.size === 0 ? lines : lines.filter((line) => !forgotten.has(line.id));
}
