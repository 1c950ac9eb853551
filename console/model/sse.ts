/** Reader of `text/event-stream`, after the HTML standard's rules for interpreting one. */

export interface SseMessage {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The last id the stream has named, also before this message; empty when it named none. */
  readonly id: string;
}

export interface SseParser {
  /** Takes any piece of the stream's text and gives the messages it completes. */
  push(chunk: string): readonly SseMessage[];
}

export function createSseParser(): SseParser {
  let rest = "";
  let event = "";
  let id = "";
  let data: string[] = [];

  function takeField(line: string): void {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") {
      event = value;
    } else if (name === "data") {
      data.push(value);
    } else if (name === "id" && !value.includes("\0")) {
      id = value;
    }
  }

  return {
    push(chunk) {
      const messages: SseMessage[] = [];
      // A CR at the end may be half of a CRLF: it waits for the next piece.
      const text = rest + chunk;
      const held = text.endsWith("\r") ? 1 : 0;
      const lines = text.slice(0, text.length - held).split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? "") + text.slice(text.length - held);
      for (const line of lines) {
        if (line !== "") {
          takeField(line);
          continue;
        }
        if (data.length > 0) {
          messages.push({ event: event === "" ? "message" : event, data: data.join("\n"), id });
        }
        event = "";
        data = [];
      }
      return messages;
    },
  };
}
