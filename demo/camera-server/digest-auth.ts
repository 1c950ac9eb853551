/** Digest authentication as cameras do it (RFC 2617 without qop, as RFC 2326 takes it over). */
import { createHash, timingSafeEqual } from "node:crypto";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const REALM = "camera";

export function challenge(nonce: string): string {
  return `Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5`;
}

export interface DigestCheck {
  readonly method: string;
  /** The Authorization header, if the request has one. */
  readonly header: string | undefined;
  /** The nonce this connection was challenged with. */
  readonly nonce: string;
  readonly credentials: Credentials;
}

/**
 * The client's own `uri` goes into the digest: some clients sign the stream's URL for every
 * request, also those about its track. The caller checks that both name the same mount.
 */
export function isAuthorised({ method, header, nonce, credentials }: DigestCheck): boolean {
  const fields = parseDigest(header ?? "");
  if (fields?.get("nonce") !== nonce || fields.get("username") !== credentials.username) {
    return false;
  }
  const secret = md5(`${credentials.username}:${REALM}:${credentials.password}`);
  const expected = md5(`${secret}:${nonce}:${md5(`${method}:${fields.get("uri") ?? ""}`)}`);
  const got = Buffer.from(fields.get("response") ?? "", "latin1");
  const wanted = Buffer.from(expected, "latin1");
  return got.length === wanted.length && timingSafeEqual(got, wanted);
}

/** The fields of a Digest header; undefined for another scheme. */
export function parseDigest(header: string): ReadonlyMap<string, string> | undefined {
  const fields = /^Digest\s+(.*)$/i.exec(header)?.[1];
  if (fields === undefined) {
    return undefined;
  }
  const pairs = fields.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s",]+))/g);
  return new Map([...pairs].map(([, name = "", quoted, bare]) => [name, quoted ?? bare ?? ""]));
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
