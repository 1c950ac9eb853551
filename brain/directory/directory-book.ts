/** The directory in memory: what every request asks for, with the secrets opened once. */
import type { Kysely } from "kysely";
import type { Clock, Location } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { endpointOwner, nodeOwner } from "./import-directory.ts";
import type { SecretBox } from "./secret-box.ts";
import { checkSender, type SenderKind, type SignatureHeaders } from "./sender-check.ts";
import { parseWebhookSecret, signMessage } from "./signature.ts";

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
  /** `webhook-signature` for a message to an endpoint. */
  sign(endpointId: string, id: string, timestampS: number, body: Buffer): string;
}

/** Reads what is enabled. */
export async function loadDirectoryBook(
  db: Kysely<Schema>,
  box: SecretBox,
  clock: Clock,
): Promise<DirectoryBook> {
  const [nodes, cameras, endpoints] = await Promise.all([
    db.selectFrom("node").select(["id", "secret"]).where("enabled", "=", true).execute(),
    db
      .selectFrom("camera")
      .select(["node_id", "id", "name", "location"])
      .where("enabled", "=", true)
      .execute(),
    db
      .selectFrom("endpoint")
      .select(["id", "department", "url", "secret"])
      .where("enabled", "=", true)
      .execute(),
  ]);
  const openKey = (sealed: string, owner: string): Buffer =>
    parseWebhookSecret(box.open(sealed, owner), owner);
  const nodeKeys = new Map(
    nodes.map((node) => [node.id, openKey(node.secret, nodeOwner(node.id))]),
  );
  const camerasByKey = new Map(
    cameras.map(({ node_id, ...camera }) => [cameraKey(node_id, camera.id), camera]),
  );
  const endpointKeys = new Map(
    endpoints.map((row) => [row.id, openKey(row.secret, endpointOwner(row.department))]),
  );
  const book = endpoints.map(({ id, department, url }) => ({ id, department, url }));
  const byId = new Map(book.map((endpoint) => [endpoint.id, endpoint]));
  const byDepartment = new Map(book.map((endpoint) => [endpoint.department, endpoint]));
  const findSender = (name: string): BookEndpoint | undefined =>
    byDepartment.get(name) ?? byId.get(name);
  return {
    nodeIds: nodes.map((node) => node.id),
    endpoints: book,
    findCamera: (nodeId, cameraId) => camerasByKey.get(cameraKey(nodeId, cameraId)),
    findEndpoint: (id) => byId.get(id),
    endpointOf: (department) => byDepartment.get(department)?.id,
    checkNode: (headers, body) =>
      checkSender(
        nodeKind((id) => nodeKeys.get(id)),
        headers,
        body,
        clock,
      ),
    checkEndpoint: (headers, body) => {
      const kind = endpointKind((name) => endpointKeys.get(findSender(name)?.id ?? ""));
      return findSender(checkSender(kind, headers, body, clock)) as BookEndpoint;
    },
    sign: (endpointId, id, timestampS, body) =>
      signMessage(endpointKeys.get(endpointId) as Buffer, id, timestampS, body),
  };
}

const nodeKind = (findKey: SenderKind["findKey"]): SenderKind => ({
  what: "node",
  unknownCode: "NODE_UNKNOWN",
  findKey,
});

const endpointKind = (findKey: SenderKind["findKey"]): SenderKind => ({
  what: "endpoint",
  unknownCode: "SIGNATURE_WRONG",
  findKey,
});

function cameraKey(nodeId: string, cameraId: string): string {
  return `${nodeId}/${cameraId}`;
}
