/** A failure that a person can act on: one clear sentence, shown without a stack. */
export class SetupFailure extends Error {
  constructor(sentence) {
    super(sentence);
    this.name = "SetupFailure";
    this.sentence = sentence;
  }
}

const NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|Could not resolve|Temporary failure resolving|Connection (refused|timed out|failed)|network is unreachable|Unable to connect/i;

/** True when a tool's output says that a host could not be reached. */
export function isNetworkTrouble(output) {
  return NETWORK.test(output);
}

/** The last lines of a tool's output that say anything, for the end of a sentence. */
export function lastWords(output, lines = 3) {
  const words = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(dlstatus|pmstatus|media):/.test(line));
  // apt marks what went wrong; the rest of its talk is of no use then.
  const errors = words.filter((line) => line.startsWith("E: "));
  return (errors.length > 0 ? errors : words).slice(-lines).join("\n  ");
}
