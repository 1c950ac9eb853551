/** Which ports this machine still has. */
import { createServer } from "node:net";
import { PermanentError } from "../../protocol/index.ts";

const HOST = "127.0.0.1";

/** Resolves to the port that was got, or undefined where it is taken. 0 takes any. */
export function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : undefined);
      });
    });
  });
}

/** @throws PermanentError PORT_IN_USE that names the port and the option that changes it */
export async function demandPort(port: number, option: string): Promise<number> {
  if ((await tryPort(port)) === undefined) {
    throw new PermanentError(
      "PORT_IN_USE",
      `Port ${String(port)} cannot be had: another program uses it, or this user may not. ` +
        `Choose another one with \`npm start -- ${option} PORT\`.`,
    );
  }
  return port;
}

/** The first free one of the ports wished for, or else any. */
export async function preferPort(wishes: readonly number[]): Promise<number> {
  for (const port of [...wishes, 0]) {
    const got = await tryPort(port);
    if (got !== undefined) {
      return got;
    }
  }
  throw new PermanentError("PORT_IN_USE", "This machine has no free port");
}
