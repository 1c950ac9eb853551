/** The Transport header (RFC 2326 §12.39): what a client offers in SETUP. */

export type TransportOffer =
  | { readonly kind: "tcp"; readonly rtpChannel: number; readonly rtcpChannel: number }
  | { readonly kind: "udp"; readonly rtpPort: number; readonly rtcpPort: number };

const MAX_CHANNEL = 255;
const MAX_PORT = 65_535;

/** The first of the client's offers, in its order, that this server can serve. */
export function chooseTransport(header: string): TransportOffer | undefined {
  for (const offer of header.split(",")) {
    const chosen = parseOffer(offer);
    if (chosen !== undefined) {
      return chosen;
    }
  }
  return undefined;
}

function parseOffer(offer: string): TransportOffer | undefined {
  const [protocol = "", ...parameters] = offer.split(";").map((part) => part.trim());
  if (parameters.some((parameter) => parameter.toLowerCase() === "multicast")) {
    return undefined;
  }
  switch (protocol.toUpperCase()) {
    case "RTP/AVP/TCP": {
      const channels = parsePair(parameters, "interleaved", 0, MAX_CHANNEL) ?? [0, 1];
      return { kind: "tcp", rtpChannel: channels[0], rtcpChannel: channels[1] };
    }
    case "RTP/AVP":
    case "RTP/AVP/UDP": {
      const ports = parsePair(parameters, "client_port", 1, MAX_PORT);
      return ports && { kind: "udp", rtpPort: ports[0], rtcpPort: ports[1] };
    }
    default:
      return undefined;
  }
}

/** `name=a-b`, or `name=a` for a and the number after it. */
function parsePair(
  parameters: readonly string[],
  name: string,
  min: number,
  max: number,
): readonly [number, number] | undefined {
  for (const parameter of parameters) {
    const match = /^([a-z_]+)=(\d{1,5})(?:-(\d{1,5}))?$/i.exec(parameter);
    if (match?.[1]?.toLowerCase() === name) {
      const first = Number(match[2]);
      const second = match[3] === undefined ? first + 1 : Number(match[3]);
      const isInRange = first >= min && second >= min && first <= max && second <= max;
      return isInRange && first !== second ? [first, second] : undefined;
    }
  }
  return undefined;
}
