/** What the page makes of the map that the brain tells. */
import type { OpenCount } from "../../protocol/index.ts";

export type MapTone = "quiet" | "some" | "many" | "urgent";

/** How a place stands out: by what is open there, and whether life is at stake. */
export function mapTone({ open, urgent }: OpenCount): MapTone {
  if (urgent > 0) {
    return "urgent";
  }
  if (open === 0) {
    return "quiet";
  }
  return open < 5 ? "some" : "many";
}
