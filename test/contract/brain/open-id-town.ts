/** A real OpenID provider with people in groups, and a browser that signs them in there. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export interface TownPerson {
  readonly roles?: unknown;
  readonly department?: string;
  readonly grids?: string;
}

export interface Town extends AsyncDisposable {
  readonly issuer: string;
  readonly clientSecret: string;
  readonly people: Map<string, TownPerson>;
  /** Begins to answer: the brain's address is known now. */
  open(redirectUri: string): void;
}

export async function startTown(): Promise<Town> {
  let handler: http.RequestListener = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = http.createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const people = new Map<string, TownPerson>();
  const clientSecret = "a client secret of the test with % and +";
  return {
    issuer,
    clientSecret,
    people,
    open: (redirectUri) => {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: "brain",
            client_secret: clientSecret,
            redirect_uris: [redirectUri],
          },
        ],
        claims: {
          openid: ["sub"],
          profile: ["preferred_username", "roles", "department", "grids"],
        },
        pkce: { required: () => true },
        cookies: { keys: ["a key of the test"] },
        findAccount: (_context: unknown, sub: string) => ({
          accountId: sub,
          claims: () => ({ sub, preferred_username: sub, ...people.get(sub) }),
        }),
      });
      handler = provider.callback();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Follows redirects and fills in the provider's forms; keeps cookies per host, as browsers do. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  /** Every address it was sent to. */
  readonly visited: string[] = [];

  async get(address: string): Promise<Response> {
    return this.#follow(await this.#send(address, "GET"), address);
  }

  /** One request, without following. */
  step(address: string): Promise<Response> {
    return this.#send(address, "GET");
  }

  cookie(address: string, name: string): string | undefined {
    return this.#jarOf(address).get(name);
  }

  /** Fills in the provider's pages until it sends the browser away. */
  async signIn(start: string, login: string): Promise<Response> {
    let response = await this.get(start);
    for (let page = 0; page < 4; page += 1) {
      const text = await response.clone().text();
      const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1];
      if (action === undefined) {
        return response;
      }
      const prompt = /name="prompt" value="([^"]+)"/.exec(text)?.[1] ?? "";
      const form = new URLSearchParams({ prompt, login, password: "any" });
      const target = new URL(action, response.url).href;
      response = await this.#follow(await this.#send(target, "POST", form), target);
    }
    return response;
  }

  async #follow(first: Response, from: string): Promise<Response> {
    let response = first;
    let address = from;
    for (let hop = 0; hop < 10; hop += 1) {
      const location = response.headers.get("location");
      if (location === null) {
        return response;
      }
      address = new URL(location, address).href;
      response = await this.#send(address, "GET");
    }
    throw new Error(`too many redirects, last to ${address}`);
  }

  async #send(address: string, method: string, body?: URLSearchParams): Promise<Response> {
    this.visited.push(address);
    const jar = this.#jarOf(address);
    const response = await fetch(address, {
      method,
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(body === undefined ? {} : { body }),
    });
    for (const header of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(header)) {
        jar.delete(name);
      } else {
        jar.set(name, value);
      }
    }
    return response;
  }

  #jarOf(address: string): Map<string, string> {
    const { host } = new URL(address);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }
}
