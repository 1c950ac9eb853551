import { describe, expect, it } from "vitest";
import { camerasEn } from "../../../console/i18n/cameras-en.ts";
import { camerasZh } from "../../../console/i18n/cameras-zh.ts";
import { createI18n, LANGUAGES } from "../../../console/i18n/index.ts";
import { testGapSchema } from "../../../protocol/index.ts";

/** Outcomes of frames as `docs/operations.md` lists them. */
const CAUSES = [
  ...["gate", "paced", "superseded", "pressed", "late", "stale", "busy"],
  ...["inference-failed", "switched-off", "closed"],
];

describe("words of the cameras page", () => {
  it.each(LANGUAGES)(
    "name each cause and gap in %s, and an unknown one by itself",
    async (language) => {
      const i18n = await createI18n(language);
      i18n.addResourceBundle(language, "cameras", language === "zh" ? camerasZh : camerasEn);
      const words = (key: string, name: string): string =>
        i18n.t(key, { ns: "cameras", defaultValue: name });
      for (const cause of CAUSES) {
        expect(words(`cause.${cause}`, cause), cause).not.toBe(cause);
      }
      for (const gap of testGapSchema.options) {
        expect(words(`gap.${gap}`, gap), gap).not.toBe(gap);
      }
      expect(words("cause.not-yet-named", "not-yet-named")).toBe("not-yet-named");
      expect(words("gap.not-yet-named", "not-yet-named")).toBe("not-yet-named");
    },
  );
});
