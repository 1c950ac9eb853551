/** The directory in memory: what every request asks for, with the secrets opened once. */
import type { Kysely } from "kysely";
import { type Clock, type Location, PermanentError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { endpointOwner, nodeOwner } from "./import-directory.ts";
import { type KeyRing, openKeyRing, signWithRing } from "./old-secrets.ts";
import type { SecretBox } from "./secret-box.ts";
import { checkSender, type SenderKind, type SignatureHeaders } from "./sender-check.ts";

export interface BookCamera {
  readonly id: string;
  readonly name: string;
  readonly location: Location;
}

export interface BookEndpoint {
  readonly id: string;
  readonly department: string;
  readonly url: string;
}

export interface DirectoryBook {
  readonly nodeIds: readonly string[];
  readonly endpoints: readonly BookEndpoint[];
  findCamera(nodeId: string, cameraId: string): BookCamera | undefined;
  findEndpoint(id: string): BookEndpoint | undefined;
  /** Endpoint id of a department, when it has one. */
  endpointOf(department: string): string | undefined;
  /** Node that signed a request. @throws PermanentError as `checkSender`. */
  checkNode(headers: SignatureHeaders, body: Buffer | string): string;
  /** Endpoint that signed a request; its id or its department's code may name it. */
  checkEndpoint(headers: SignatureHeaders, body: Buffer | string): BookEndpoint;
  /** `webhook-signature` for a message to an endpoint, by each secret that counts now. */
  sign(endpointId: string, id: string, timestampS: number, body: Buffer): string;
  /** Reads again what an administrator changed; of calls that overlap, one more reading serves all. */
  reload(): Promise<void>;
}

/** What one reading of the database found. */
interface Page {
  readonly nodeIds: readonly string[];
  readonly endpoints: readonly BookEndpoint[];
  readonly cameras: ReadonlyMap<string, BookCamera>;
  readonly byId: ReadonlyMap<string, BookEndpoint>;
  readonly byDepartment: ReadonlyMap<string, BookEndpoint>;
  readonly nodeRings: ReadonlyMap<string, KeyRing>;
  readonly endpointRings: ReadonlyMap<string, KeyRing>;
}

/** Reads what is enabled. */
export async function openDirectoryBook(
  db: Kysely<Schema>,
  box: SecretBox,
  clock: Clock,
): Promise<DirectoryBook> {
  let page = await readPage(db, box);
  let reading: Promise<void> | undefined;
  let isStale = false;
  const readAgain = async (): Promise<void> => {
    do {
      isStale = false;
      page = await readPage(db, box);
      // A call that came while reading may know of something newer.
    } while (isStale as boolean);
  };
  const findSender = (name: string): BookEndpoint | undefined =>
    page.byDepartment.get(name) ?? page.byId.get(name);
  const nodes = nodeKind((id) => page.nodeRings.get(id)?.at(clock.now()));
  const senders = endpointKind((name) =>
    page.endpointRings.get(findSender(name)?.id ?? "")?.at(clock.now()),
  );
  return {
    get nodeIds() {
      return page.nodeIds;
    },
    get endpoints() {
      return page.endpoints;
    },
    findCamera: (nodeId, cameraId) => page.cameras.get(cameraKey(nodeId, cameraId)),
    findEndpoint: (id) => page.byId.get(id),
    endpointOf: (department) => page.byDepartment.get(department)?.id,
    checkNode: (headers, body) => checkSender(nodes, headers, body, clock),
    checkEndpoint: (headers, body) =>
      findSender(checkSender(senders, headers, body, clock)) as BookEndpoint,
    sign: (endpointId, id, timestampS, body) => {
      const ring = page.endpointRings.get(endpointId);
      if (ring === undefined) {
        throw new PermanentError("NOT_FOUND", "The endpoint was disabled", { where: endpointId });
      }
      return signWithRing(ring, clock.now(), { id, timestampS, body });
    },
    reload: () => {
      isStale = true;
      reading ??= readAgain().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

async function readPage(db: Kysely<Schema>, box: SecretBox): Promise<Page> {
  const [nodes, cameras, endpoints] = await Promise.all([
    db
      .selectFrom("node")
      .select(["id", "secret", "old_secrets"])
      .where("enabled", "=", true)
      .execute(),
    db
      .selectFrom("camera")
      .select(["node_id", "id", "name", "location"])
      .where("enabled", "=", true)
      .execute(),
    db
      .selectFrom("endpoint")
      .select(["id", "department", "url", "secret", "old_secrets"])
      .where("enabled", "=", true)
      .execute(),
  ]);
  const book = endpoints.map(({ id, department, url }) => ({ id, department, url }));
  return {
    nodeIds: nodes.map((node) => node.id),
    endpoints: book,
    cameras: new Map(
      cameras.map(({ node_id, ...camera }) => [cameraKey(node_id, camera.id), camera]),
    ),
    byId: new Map(book.map((endpoint) => [endpoint.id, endpoint])),
    byDepartment: new Map(book.map((endpoint) => [endpoint.department, endpoint])),
    nodeRings: new Map(nodes.map((node) => [node.id, openKeyRing(node, nodeOwner(node.id), box)])),
    endpointRings: new Map(
      endpoints.map((row) => [row.id, openKeyRing(row, endpointOwner(row.department), box)]),
    ),
  };
}

const nodeKind = (findKeys: SenderKind["findKeys"]): SenderKind => ({
  what: "node",
  unknownCode: "NODE_UNKNOWN",
  findKeys,
});

const endpointKind = (findKeys: SenderKind["findKeys"]): SenderKind => ({
  what: "endpoint",
  unknownCode: "SIGNATURE_WRONG",
  findKeys,
});

function cameraKey(nodeId: string, cameraId: string): string {
  return `${nodeId}/${cameraId}`;
}
