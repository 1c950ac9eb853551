/** A bare control connection, for what no proper client would send. */
import { connect } from "node:net";
import type { Socket } from "node:net";

export class RtspClient implements Disposable {
  readonly socket: Socket;
  received = "";
  readonly closed: Promise<void>;
  #cseq = 0;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => undefined);
    this.socket.setEncoding("latin1").on("data", (text: string) => {
      this.received += text;
    });
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** The answer's first line and headers. */
  async ask(method: string, url: string, headers: readonly string[] = []): Promise<string> {
    this.#cseq += 1;
    const start = this.received.length;
    const lines = [`${method} ${url} RTSP/1.0`, `CSeq: ${String(this.#cseq)}`, ...headers];
    this.send(`${lines.join("\r\n")}\r\n\r\n`);
    return this.untilMatch(/RTSP\/1\.0 \d+ [\s\S]*?\r\n\r\n/, start);
  }

  /** SETUP over TCP; gives the session's id. */
  async setUp(url: string): Promise<string> {
    const answer = await this.ask("SETUP", url, ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]);
    return /^Session: (\w+)/m.exec(answer)?.[1] ?? "";
  }

  async untilMatch(pattern: RegExp, start = 0): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.received.slice(start));
      if (match !== null) {
        return match[0];
      }
      if (this.socket.destroyed) {
        throw new Error(`The server hung up after ${JSON.stringify(this.received.slice(-200))}`);
      }
      const more = new Promise<void>((resolve) => this.socket.once("data", () => resolve()));
      await Promise.race([more, this.closed]);
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
