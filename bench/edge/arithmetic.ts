/** The few formulas behind the figures. */

/** Jain's index of fairness: 1 when all get the same, 1/n when one gets everything. */
export function jainOf(shares: readonly number[]): number {
  const total = sum(shares);
  const squares = sum(shares.map((share) => share * share));
  return squares === 0 ? 1 : (total * total) / (shares.length * squares);
}

/** Least squares; per unit of x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = sum(points.map(([x]) => x)) / points.length;
  const meanY = sum(points.map(([, y]) => y)) / points.length;
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  return spread === 0 ? 0 : sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
