/**
 * How much higher people are, the lower in the picture they stand: on flat ground the height grows
 * in proportion to the foot point's distance from the horizon. Learnt from everyone who stands.
 */
import type { Sighting } from "./trails.ts";

/** So many sightings count; older ones fade. */
const MEMORY = 2000;
const MIN_SIGHTINGS = 30;
/** Feet have to be spread this much, one standard deviation, in heights of those people. */
const MIN_SPREAD = 0.4;
/** People of all sizes stand everywhere; below this correlation the slope is theirs. */
const MIN_CORRELATION = 0.8;
/** Heights gained per picture height that one stands lower: cameras hang 2 m to 40 m high. */
const GROWTH = [0.04, 0.9] as const;
const UPRIGHT_ASPECT = 0.75;

export class Perspective {
  #weight = 0;
  #y = 0;
  #height = 0;
  #yy = 0;
  #hh = 0;
  #yh = 0;

  observe({ isCut, width, height, y }: Sighting): void {
    if (isCut || width > UPRIGHT_ASPECT * height) {
      return;
    }
    this.#weight = this.#weight * (1 - 1 / MEMORY) + 1;
    const share = 1 / this.#weight;
    const [dy, dh] = [y - this.#y, height - this.#height];
    this.#y += share * dy;
    this.#height += share * dh;
    this.#yy += share * (dy * (y - this.#y) - this.#yy);
    this.#hh += share * (dh * (height - this.#height) - this.#hh);
    this.#yh += share * (dy * (height - this.#height) - this.#yh);
  }

  get isKnown(): boolean {
    const growth = this.#yh / this.#yy;
    return (
      this.#weight >= MIN_SIGHTINGS &&
      Math.sqrt(this.#yy) >= MIN_SPREAD * this.#height &&
      this.#yh >= MIN_CORRELATION * Math.sqrt(this.#yy * this.#hh) &&
      growth >= GROWTH[0] &&
      growth <= GROWTH[1]
    );
  }

  /** How high a person is whose feet are there; picture heights, 0 or less above the horizon. */
  heightAt(y: number): number {
    return this.#height + (this.#yh / this.#yy) * (y - this.#y);
  }
}
