/** Where one client's packets go: into the control connection, or out of a pair of UDP ports. */
import { createSocket } from "node:dgram";
import type { Socket as UdpSocket } from "node:dgram";
import type { Socket } from "node:net";
import { TransientError } from "../../protocol/index.ts";

export interface MediaSink {
  readonly transport: "tcp" | "udp";
  /** The server's part of the Transport header. */
  readonly transportReply: string;
  /** Bytes given and not yet taken by the network. */
  readonly queuedBytes: number;
  /** The packets of one access unit. */
  sendRtp(packets: readonly Buffer[]): void;
  sendRtcp(packet: Buffer): void;
  close(): void;
}

const FRAME_MARK = 0x24;

/** RFC 2326 §10.12. The connection belongs to the caller and outlives the sink. */
export function interleavedSink(
  socket: Socket,
  rtpChannel: number,
  rtcpChannel: number,
): MediaSink {
  const send = (channel: number, packets: readonly Buffer[]): void => {
    if (!socket.writable) {
      return;
    }
    const pieces = packets.flatMap((packet) => {
      const header = Buffer.from([FRAME_MARK, channel, 0, 0]);
      header.writeUInt16BE(packet.length, 2);
      return [header, packet];
    });
    // One write for the whole access unit: one system call, and no half unit is ever queued.
    socket.write(Buffer.concat(pieces));
  };
  return {
    transport: "tcp",
    transportReply: `RTP/AVP/TCP;unicast;interleaved=${String(rtpChannel)}-${String(rtcpChannel)}`,
    get queuedBytes() {
      return socket.writableLength;
    },
    sendRtp: (packets) => {
      send(rtpChannel, packets);
    },
    sendRtcp: (packet) => {
      send(rtcpChannel, [packet]);
    },
    close: () => undefined,
  };
}

export interface UdpSinkOptions {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** The client's receiver reports are its only sign of life. */
  readonly onReceiverReport: () => void;
}

export async function udpSink(options: UdpSinkOptions): Promise<MediaSink> {
  const { remoteAddress, rtpPort, rtcpPort, onReceiverReport } = options;
  const { rtp, rtcp } = await bindPair(options.localAddress);
  let isClosed = false;
  // A client that has closed its port answers with ICMP: the next sends fail until it leaves.
  rtp.on("error", () => undefined);
  rtcp.on("error", () => undefined);
  rtcp.on("message", (_message, from) => {
    if (from.address === remoteAddress) {
      onReceiverReport();
    }
  });
  const [rtpHere, rtcpHere] = [rtp.address().port, rtcp.address().port];
  const send = (socket: UdpSocket, packet: Buffer, port: number): void => {
    if (!isClosed) {
      socket.send(packet, port, remoteAddress, () => undefined);
    }
  };
  return {
    transport: "udp",
    transportReply:
      `RTP/AVP;unicast;client_port=${String(rtpPort)}-${String(rtcpPort)};` +
      `server_port=${String(rtpHere)}-${String(rtcpHere)}`,
    get queuedBytes() {
      return isClosed ? 0 : rtp.getSendQueueSize();
    },
    sendRtp: (packets) => {
      for (const packet of packets) {
        send(rtp, packet, rtpPort);
      }
    },
    sendRtcp: (packet) => {
      send(rtcp, packet, rtcpPort);
    },
    close: () => {
      if (!isClosed) {
        isClosed = true;
        rtp.close();
        rtcp.close();
      }
    },
  };
}

/** Random ports are odd half of the time, and the next one is rarely taken. */
const MAX_PAIR_ATTEMPTS = 32;

/** An even port for RTP and the odd one above it for RTCP (RFC 3550 §11). */
async function bindPair(address: string): Promise<{ rtp: UdpSocket; rtcp: UdpSocket }> {
  for (let attempt = 0; attempt < MAX_PAIR_ATTEMPTS; attempt += 1) {
    const rtp = await bindUdp(address, 0);
    const port = rtp.address().port;
    if (port % 2 === 0) {
      try {
        return { rtp, rtcp: await bindUdp(address, port + 1) };
      } catch {
        // Somebody has the odd port: try another pair.
      }
    }
    rtp.close();
  }
  throw new TransientError("OVERLOADED", "No pair of UDP ports is free", {
    where: address,
    expected: `a pair within ${String(MAX_PAIR_ATTEMPTS)} attempts`,
  });
}

function bindUdp(address: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once("error", onError);
    socket.bind({ port, address, exclusive: true }, () => {
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
