import { describe, expect, it } from "vitest";
import { ApiError, createPress, type PressState, type Step } from "../../../console/model/index.ts";
import type { Problem } from "../../../protocol/index.ts";

const CURRENT = {
  ...{ version: 7, state: "VERIFYING", by: "officer:desk", did: "verifying" },
  at: "2026-01-01T12:00:00.000Z",
};
const STALE: Problem = { code: "VERSION_STALE", message: "changed", current: CURRENT };
const lost = (): ApiError => new ApiError("unreachable", null, null);

function setUp(steps: readonly Step[]) {
  let keys = 0;
  const press = createPress({
    clock: { now: () => 0, wait: () => Promise.resolve() },
    newKey: () => `key-${++keys}`,
    version: 3,
    steps,
  });
  const states: string[] = [];
  const onState = ({ kind }: PressState): void => void states.push(kind);
  return { press, states, onState };
}

describe("a press", () => {
  it("is sent again under its key until it is answered", async () => {
    const sent: string[] = [];
    const { press, states, onState } = setUp([
      (version, key) => {
        sent.push(`${version} ${key}`);
        return sent.length < 3 ? Promise.reject(lost()) : Promise.resolve(4);
      },
    ]);
    expect((await press.send(onState)).kind).toBe("done");
    expect(sent).toEqual(["3 key-1", "3 key-1", "3 key-1"]);
    expect(states).toEqual(["working", "working", "working", "done"]);
  });

  it("gives up unanswered, and the same press may be sent again under the same key", async () => {
    const sent: string[] = [];
    let isLost = true;
    const { press, onState } = setUp([
      (_version, key) => {
        sent.push(key);
        return isLost ? Promise.reject(lost()) : Promise.resolve(4);
      },
    ]);
    expect((await press.send(onState)).kind).toBe("unanswered");
    isLost = false;
    expect((await press.send(onState)).kind).toBe("done");
    expect(new Set(sent)).toEqual(new Set(["key-1"]));
    expect(sent).toHaveLength(4);
  });

  it("carries two commands one after the other, each once", async () => {
    const sent: string[] = [];
    const step =
      (name: string): Step =>
      (version, key) => {
        sent.push(`${name} ${version} ${key}`);
        return sent.length === 2 ? Promise.reject(lost()) : Promise.resolve(version + 1);
      };
    const { press, onState } = setUp([step("file"), step("dispatch")]);
    expect((await press.send(onState)).kind).toBe("done");
    expect(sent).toEqual(["file 3 key-1", "dispatch 4 key-2", "dispatch 4 key-2"]);
  });

  it("tells who was first, and does what is left anew at the version that was looked at", async () => {
    const sent: string[] = [];
    const { press, onState } = setUp([
      (version) => Promise.resolve(version + 1),
      (version, key) => {
        sent.push(`${version} ${key}`);
        return version === 7
          ? Promise.resolve(8)
          : Promise.reject(new ApiError("refused", 409, STALE));
      },
    ]);
    expect(await press.send(onState)).toEqual({ kind: "conflict", conflict: CURRENT });
    expect((await press.rest(7).send(onState)).kind).toBe("done");
    expect(sent).toEqual(["4 key-2", "7 key-3"]);
  });

  it("is not tried again after a refusal", async () => {
    let times = 0;
    const problem: Problem = { code: "ROLE_REFUSED", message: "not yours" };
    const { press, onState } = setUp([
      () => {
        times += 1;
        return Promise.reject(new ApiError("refused", 403, problem));
      },
    ]);
    expect(await press.send(onState)).toEqual({ kind: "refused", problem, status: 403 });
    expect(times).toBe(1);
  });
});
