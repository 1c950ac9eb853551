/**
 * Constant-velocity Kalman filter of one coordinate: position and velocity. The eight-state filter
 * of SORT and ByteTrack (centre, aspect, height and their velocities) has block-diagonal matrices
 * throughout, so it is exactly four of these.
 */
export interface Coordinate {
  position: number;
  /** Per second. */
  velocity: number;
  /** Covariance: variance of the position, covariance, variance of the velocity. */
  pp: number;
  pv: number;
  vv: number;
}

export function startCoordinate(
  position: number,
  positionStd: number,
  velocityStd: number,
): Coordinate {
  return { position, velocity: 0, pp: positionStd ** 2, pv: 0, vv: velocityStd ** 2 };
}

/**
 * Moves the estimate by `dtS` seconds. The densities are variances gained per second by position
 * and velocity, so that the same motion gives the same doubt at every frame rate.
 */
export function predictCoordinate(
  c: Coordinate,
  dtS: number,
  positionDensity: number,
  velocityDensity: number,
): void {
  c.position += c.velocity * dtS;
  c.pp += 2 * dtS * c.pv + dtS * dtS * c.vv + positionDensity * dtS;
  c.pv += dtS * c.vv;
  c.vv += velocityDensity * dtS;
}

/** Joins a measurement of the position with standard deviation `measurementStd`. */
export function correctCoordinate(c: Coordinate, measured: number, measurementStd: number): void {
  const innovationVariance = c.pp + measurementStd ** 2;
  const gainPosition = c.pp / innovationVariance;
  const gainVelocity = c.pv / innovationVariance;
  const innovation = measured - c.position;
  c.position += gainPosition * innovation;
  c.velocity += gainVelocity * innovation;
  c.vv -= gainVelocity * c.pv;
  c.pv -= gainPosition * c.pv;
  c.pp -= gainPosition * c.pp;
}
