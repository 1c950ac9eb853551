/** ByteTrack's motion of one box: centre, aspect and height, with noise relative to the height. */
import type { BoxPx } from "../../../edge/track/index.ts";
import { AxisFilter } from "./axis-filter.ts";

/** Standard deviations in heights. */
const POSITION = 1 / 20;
const VELOCITY = 1 / 160;
const ASPECT_POSITION = 1e-2;
const ASPECT_VELOCITY = 1e-5;
const ASPECT_MEASURED = 1e-1;

export class ByteMotion {
  readonly #x: AxisFilter;
  readonly #y: AxisFilter;
  readonly #aspect: AxisFilter;
  readonly #height: AxisFilter;

  constructor({ left, top, width, height }: BoxPx) {
    const position = (2 * POSITION * height) ** 2;
    const velocity = (10 * VELOCITY * height) ** 2;
    this.#x = new AxisFilter(left + width / 2, position, velocity);
    this.#y = new AxisFilter(top + height / 2, position, velocity);
    this.#aspect = new AxisFilter(width / height, ASPECT_POSITION ** 2, ASPECT_VELOCITY ** 2);
    this.#height = new AxisFilter(height, position, velocity);
  }

  /** @param isLost its height then no longer changes. */
  predict(isLost: boolean): void {
    if (isLost) {
      this.#height.velocity = 0;
    }
    const position = (POSITION * this.#height.position) ** 2;
    const velocity = (VELOCITY * this.#height.position) ** 2;
    this.#x.predict(position, velocity);
    this.#y.predict(position, velocity);
    this.#aspect.predict(ASPECT_POSITION ** 2, ASPECT_VELOCITY ** 2);
    this.#height.predict(position, velocity);
  }

  correct({ left, top, width, height }: BoxPx): void {
    const variance = (POSITION * this.#height.position) ** 2;
    this.#x.correct(left + width / 2, variance);
    this.#y.correct(top + height / 2, variance);
    this.#aspect.correct(width / height, ASPECT_MEASURED ** 2);
    this.#height.correct(height, variance);
  }

  get box(): BoxPx {
    const height = this.#height.position;
    const width = this.#aspect.position * height;
    const [left, top] = [this.#x.position - width / 2, this.#y.position - height / 2];
    return { left, top, width, height };
  }
}
