import type pg from "pg";
import { describe, expect, it } from "vitest";
import { prepareNamed } from "../../../brain/store/prepared.ts";

function clientThatRemembers(): { client: pg.ClientBase; sent: unknown[][] } {
  const sent: unknown[][] = [];
  const query = (...given: unknown[]): Promise<void> => {
    sent.push(given);
    return Promise.resolve();
  };
  return { client: { query } as unknown as pg.ClientBase, sent };
}

describe("a statement that names itself", () => {
  it("is sent under its name, so that the server plans it once", async () => {
    const { client, sent } = clientThatRemembers();
    prepareNamed(client);
    const text = "/* prepared: claim-deliveries */ select $1::int";
    await client.query(text, [7]);
    expect(sent).toEqual([[{ name: "claim-deliveries", text, values: [7] }]]);
  });

  it.each([
    ["has no name", "select $1::int"],
    ["names itself later", "select $1::int /* prepared: claim */"],
    ["has a name that is none", "/* prepared: Claim; drop */ select $1::int"],
  ])("passes as it is where it %s", async (_what, text) => {
    const { client, sent } = clientThatRemembers();
    prepareNamed(client);
    await client.query(text, [7]);
    expect(sent).toEqual([[text, [7]]]);
  });

  it("leaves all other ways to ask alone", async () => {
    const { client, sent } = clientThatRemembers();
    prepareNamed(client);
    const query = { text: "/* prepared: claim */ select 1" };
    await client.query(query);
    expect(sent).toEqual([[query]]);
  });
});
