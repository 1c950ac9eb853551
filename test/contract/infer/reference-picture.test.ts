import { describe, expect, it } from "vitest";
import { systemClock } from "../../../protocol/index.ts";
import { Detector } from "../../../edge/infer/index.ts";
import { drawReferencePicture } from "../../../edge/infer/reference-picture.ts";

describe("the tuner's reference picture", () => {
  it("shows the default model enough to lose", async () => {
    const detector = new Detector({
      settings: {
        modelId: "nanodet",
        cacheDir: ".cache/models",
        provider: "cpu",
        threads: 1,
        minScore: 0.1,
        classes: ["person"],
      },
      clock: systemClock,
      onRestart: () => undefined,
    });
    try {
      await detector.start();
      const { detections } = await detector.detect(await drawReferencePicture());
      expect(detections.length).toBeGreaterThanOrEqual(3);
    } finally {
      await detector.close();
    }
  });
});
