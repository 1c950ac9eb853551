/**
 * Constant-velocity Kalman filter of one coordinate, one step per frame. The matrices of SORT and
 * of ByteTrack are block-diagonal, so each of their filters is exactly several of these. Apart from
 * the product's own filter, which may change while the peers stay as they were published.
 */
export class AxisFilter {
  position: number;
  /** Per frame. */
  velocity = 0;
  #pp: number;
  #pv = 0;
  #vv: number;

  constructor(position: number, positionVariance: number, velocityVariance: number) {
    this.position = position;
    this.#pp = positionVariance;
    this.#vv = velocityVariance;
  }

  /** @param positionNoise variance gained in this step; so is `velocityNoise`. */
  predict(positionNoise: number, velocityNoise: number): void {
    this.position += this.velocity;
    this.#pp += 2 * this.#pv + this.#vv + positionNoise;
    this.#pv += this.#vv;
    this.#vv += velocityNoise;
  }

  correct(measured: number, variance: number): void {
    const total = this.#pp + variance;
    const positionGain = this.#pp / total;
    const velocityGain = this.#pv / total;
    const innovation = measured - this.position;
    this.position += positionGain * innovation;
    this.velocity += velocityGain * innovation;
    this.#vv -= velocityGain * this.#pv;
    this.#pv -= positionGain * this.#pv;
    this.#pp -= positionGain * this.#pp;
  }
}
