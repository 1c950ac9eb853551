/**
 * PostgreSQL refuses to run as root. When the brain is root, its server runs as another user of
 * this machine; otherwise as the same user.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { unavailableForGood } from "./unavailable.ts";

export interface ServerUser {
  readonly name: string;
  /** Absent where the brain is not root and the server simply shares its user. */
  readonly ids?: { readonly uid: number; readonly gid: number };
}

/** In order of preference; the first is for those who want a user of the product's own. */
const CANDIDATES = ["sharp-eyes", "postgres", "nobody"] as const;

export async function chooseServerUser(ownUid: number | undefined): Promise<ServerUser> {
  if (ownUid !== 0) {
    return { name: "the brain's own user" };
  }
  const users = parsePasswd(await readFile("/etc/passwd", "utf8"));
  for (const name of CANDIDATES) {
    const ids = users.get(name);
    if (ids !== undefined && ids.uid !== 0) {
      return { name, ids };
    }
  }
  throw unavailableForGood("PostgreSQL cannot run as root and no other user was found", {
    where: "/etc/passwd",
    expected: `one of the users ${CANDIDATES.join(", ")}, or a brain that is not root`,
    got: "none of them",
  });
}

/** Name → ids of an /etc/passwd text. */
export function parsePasswd(text: string): ReadonlyMap<string, { uid: number; gid: number }> {
  const users = new Map<string, { uid: number; gid: number }>();
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name !== undefined && uid !== undefined && gid !== undefined && /^\d+$/.test(uid)) {
      users.set(name, { uid: Number(uid), gid: Number(gid) });
    }
  }
  return users;
}

/**
 * Whether the server's user can enter a folder or execute a file. Asked of the kernel by a child
 * with that user's ids, because mode bits alone do not know about access lists and mounts.
 */
export function isReachable(target: string, user: ServerUser): boolean {
  const result = spawnSync("/bin/sh", ["-c", 'test -x "$0"', target], {
    cwd: "/",
    env: SERVER_ENV,
    stdio: "ignore",
    ...user.ids,
  });
  return result.status === 0;
}

/** All that a server process gets to see of the environment. */
export const SERVER_ENV = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as const;
