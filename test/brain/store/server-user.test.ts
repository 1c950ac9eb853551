import { describe, expect, it } from "vitest";
import { parsePasswd } from "../../../brain/store/server-user.ts";

describe("parsePasswd", () => {
  it("reads ids by name and passes over lines it cannot read", () => {
    const text =
      "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n\n+::::::\nodd\n";
    expect([...parsePasswd(text)]).toEqual([
      ["root", { uid: 0, gid: 0 }],
      ["nobody", { uid: 65_534, gid: 65_533 }],
    ]);
  });
});
