/** What the camera sees of the actors at a moment: boxes, with what hides what. */
import type { TrackedDetection } from "../../../edge/track/index.ts";
import { sharedArea, type BoxNorm } from "../../../protocol/index.ts";
import { bodyAt, type Actor } from "./actor.ts";
import type { Camera, Cuboid } from "./camera.ts";

/** Below this share in sight nothing is detected; a hidden part is cut off the box. */
const LEAST_SHARE = 0.35;
const COLUMNS = 8;
const ROWS = 16;

export interface Sight {
  readonly actor: Actor;
  readonly body: Cuboid;
  /** All of it, in and out of the picture. */
  readonly whole: BoxNorm;
  /** Around what is in sight; `undefined` when too little is for a detection. */
  readonly box: BoxNorm | undefined;
}

interface Screen {
  readonly depthM: number;
  readonly box: BoxNorm;
}

/** Nothing stands there to hide others: a shadow, a stone in the air. */
const HIDES_FROM_M = 0.3;

export class Stage {
  readonly #camera: Camera;
  readonly #actors: readonly Actor[];
  readonly #still: readonly Screen[];
  #recent: readonly { readonly key: number; readonly sights: readonly Sight[] }[] = [];

  constructor(camera: Camera, actors: readonly Actor[], occluders: readonly Cuboid[]) {
    this.#camera = camera;
    this.#actors = actors;
    this.#still = occluders.flatMap((one) => this.#screenOf(one));
  }

  /** The last two moments are remembered: a picture is compared with the one before. */
  sightsAt(timeS: number): readonly Sight[] {
    const key = Math.round(timeS * 1e6);
    const known = this.#recent.find((one) => one.key === key);
    if (known !== undefined) {
      return known.sights;
    }
    const sights = this.#look(timeS);
    this.#recent = [...this.#recent.slice(-1), { key, sights }];
    return sights;
  }

  #look(timeS: number): readonly Sight[] {
    const present = this.#actors.flatMap((actor) => {
      const body = bodyAt(actor, timeS);
      const whole = body && this.#camera.boxOf(body);
      return body === undefined || whole === undefined ? [] : [{ actor, body, whole }];
    });
    const screens = present.map(({ body }) => this.#screenOf(body)[0]);
    return present.map((one, index) => {
      const depthM = this.#camera.depthM(one.body.y);
      const before = [...this.#still, ...screens].filter(
        (screen) =>
          screen !== undefined &&
          screen !== screens[index] &&
          screen.depthM < depthM &&
          sharedArea(screen.box, one.whole) > 0,
      ) as Screen[];
      return { ...one, box: visiblePart(one.whole, before) };
    });
  }

  #screenOf(body: Cuboid): readonly Screen[] {
    const box = body.heightM < HIDES_FROM_M ? undefined : this.#camera.boxOf(body);
    return box === undefined ? [] : [{ depthM: this.#camera.depthM(body.y), box }];
  }
}

export function detect(sights: readonly Sight[]): readonly TrackedDetection[] {
  return sights.flatMap(({ actor, box }) =>
    box === undefined || actor.isUnnamed ? [] : [{ label: actor.label, score: actor.score, box }],
  );
}

/** Told on a grid of points of the box, so that a cut box ends at a point in sight. */
function visiblePart(whole: BoxNorm, before: readonly Screen[]): BoxNorm | undefined {
  const inPicture = clip(whole);
  if (inPicture === undefined) {
    return undefined;
  }
  const area = whole.width * whole.height;
  if (before.length === 0) {
    return (inPicture.width * inPicture.height) / area < LEAST_SHARE ? undefined : inPicture;
  }
  const [width, height] = [inPicture.width / COLUMNS, inPicture.height / ROWS];
  let [cells, west, north, east, south] = [0, COLUMNS, ROWS, -1, -1];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const x = inPicture.left + (column + 0.5) * width;
      const y = inPicture.top + (row + 0.5) * height;
      if (!isHidden(x, y, before)) {
        cells++;
        west = Math.min(west, column);
        east = Math.max(east, column);
        north = Math.min(north, row);
        south = row;
      }
    }
  }
  return (cells * width * height) / area < LEAST_SHARE
    ? undefined
    : {
        left: inPicture.left + west * width,
        top: inPicture.top + north * height,
        width: (east + 1 - west) * width,
        height: (south + 1 - north) * height,
      };
}

function isHidden(x: number, y: number, before: readonly Screen[]): boolean {
  for (const { box } of before) {
    if (x > box.left && x < box.left + box.width && y > box.top && y < box.top + box.height) {
      return true;
    }
  }
  return false;
}

/** The part in the picture. */
export function clip(box: BoxNorm): BoxNorm | undefined {
  const [left, top] = [Math.max(0, box.left), Math.max(0, box.top)];
  const width = Math.min(1, box.left + box.width) - left;
  const height = Math.min(1, box.top + box.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}
