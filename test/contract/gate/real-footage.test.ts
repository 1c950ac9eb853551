import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { MotionGate, PictureWatch, type PictureState } from "../../../edge/gate/index.ts";
import { FOOTAGE, footageMissing } from "../../support/footage.ts";

const WIDTH = 768;
const HEIGHT = 576;
const FRAME_BYTES = (WIDTH * HEIGHT * 3) / 2;
const FPS = 10;
/** The filters below change the picture from this second on. */
const CHANGE_S = 30;
/** The picture is known after so long. */
const KNOWN_S = 12;

/** What the watch says of the clip, which `filter` (as FFmpeg knows it) has changed. */
async function watchClip(filter: string, toS: number): Promise<PictureState[]> {
  const gate = new MotionGate();
  const watch = new PictureWatch();
  const states: PictureState[] = [];
  const source = ["-v", "error", "-t", String(toS), "-i", FOOTAGE, "-vf", filter];
  const ffmpeg = spawn("ffmpeg", [...source, "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(ffmpeg, "close");
  const frame = new Uint8Array(FRAME_BYTES);
  let filled = 0;
  for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
    for (let read = 0; read < chunk.length; ) {
      const part = chunk.subarray(read, read + FRAME_BYTES - filled);
      frame.set(part, filled);
      filled += part.length;
      read += part.length;
      if (filled === FRAME_BYTES) {
        filled = 0;
        const at = (states.length * 1000) / FPS;
        const verdict = gate.look(frame, WIDTH, HEIGHT, at);
        const { sight } = gate;
        if (sight === undefined) {
          throw new Error("the gate has looked and saw nothing");
        }
        states.push(watch.look(frame, verdict, sight, [], at));
      }
    }
  }
  await closed;
  return states;
}

function qualities(states: readonly PictureState[], fromS: number): PictureState["quality"][] {
  return states.slice(fromS * FPS).map(({ quality }) => quality);
}

/** How long changes were told of one and the same place at most, without a break. */
function longestChangeS(states: readonly PictureState[]): number {
  let places: { readonly x: number; readonly y: number; readonly fromAt: number }[] = [];
  let longestMs = 0;
  for (const { at, changes } of states) {
    places = changes.map(({ box }) => {
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      return places.find((one) => Math.hypot(one.x - x, one.y - y) < 0.06) ?? { x, y, fromAt: at };
    });
    longestMs = Math.max(longestMs, ...places.map(({ fromAt }) => at - fromAt));
  }
  return longestMs / 1000;
}

describe.skipIf(footageMissing !== undefined)("PictureWatch on real footage", () => {
  it("finds nothing wrong with it, and no change that lasts", async () => {
    const states = await watchClip("null", 80);
    expect(states.length).toBeGreaterThan(700);
    for (const quality of qualities(states, KNOWN_S)) {
      expect(quality.structure).toBeGreaterThan(0.9);
      expect(quality.alignment).toBeGreaterThan(0.8);
      expect(quality.sharpness).toBeGreaterThan(0.75);
      expect(quality.frozenSince).toBeUndefined();
    }
    // People stand there for some seconds and the wind moves a tape, but nobody leaves a thing.
    expect(longestChangeS(states)).toBeLessThan(15);
  });

  const tampered: readonly (readonly [
    string,
    string,
    (quality: PictureState["quality"]) => boolean,
  ])[] = [
    [
      "covered",
      `drawbox=w=iw:h=ih:color=brown:t=fill:enable='gte(t,${CHANGE_S})'`,
      ({ structure, alignment }) => structure < 0.1 && alignment < 0.1,
    ],
    [
      "out of focus",
      `gblur=sigma=2.5:enable='gte(t,${CHANGE_S})'`,
      ({ sharpness, structure }) => sharpness < 0.45 && structure > 0.5,
    ],
    [
      "turned by four degrees",
      `rotate=a='if(gte(t,${CHANGE_S}),0.07,0)'`,
      ({ alignment, structure }) => alignment < 0.4 && structure > 0.5,
    ],
    [
      "pushed aside",
      `scale=iw*1.25:-2,crop=${WIDTH}:${HEIGHT}:'if(gte(t,${CHANGE_S}),120,30)':40`,
      ({ alignment, structure }) => alignment < 0.4 && structure > 0.5,
    ],
    [
      "dark",
      `lutyuv=y='16+(val-16)*0.08':enable='gte(t,${CHANGE_S})'`,
      ({ brightness, structure }) => brightness < 30 && structure < 0.2,
    ],
  ];

  it.each(tampered)("tells a camera that is %s in every frame", async (_name, filter, isTold) => {
    const states = await watchClip(filter, 40);
    const told = qualities(states, KNOWN_S).map(isTold);
    const before = (CHANGE_S - KNOWN_S) * FPS;
    expect(told.slice(0, before - 1).filter(Boolean)).toEqual([]);
    expect(told.slice(before + 1).filter((one) => !one)).toEqual([]);
  });

  it("does not take half the light for any of it", async () => {
    const filter = `lutyuv=y='16+(val-16)*0.5':enable='gte(t,${CHANGE_S})'`;
    for (const quality of qualities(await watchClip(filter, 40), KNOWN_S)) {
      expect(quality.structure).toBeGreaterThan(0.5);
      expect(quality.alignment).toBeGreaterThan(0.8);
      expect(quality.sharpness).toBeGreaterThan(0.6);
    }
  });
});
