/** Compares what was grouped with what was one. */

/** Alarm key → number of its group. */
export type Partition = ReadonlyMap<string, string | number>;

export interface PairScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Over all pairs of members: together in both, in one, in the other. */
export function pairScore(found: Partition, truth: Partition): PairScore {
  const cells = new Map<string, number>();
  for (const [member, group] of found) {
    const cell = `${group}|${truth.get(member) ?? "?"}`;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  const both = pairs(cells.values());
  const precision = both / Math.max(1, pairs(sizesOf(found)));
  const recall = both / Math.max(1, pairs(sizesOf(truth)));
  return { precision, recall, f1: (2 * precision * recall) / Math.max(1e-9, precision + recall) };
}

function sizesOf(partition: Partition): Iterable<number> {
  const sizes = new Map<string | number, number>();
  for (const group of partition.values()) {
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  return sizes.values();
}

function pairs(sizes: Iterable<number>): number {
  let sum = 0;
  for (const size of sizes) {
    sum += (size * (size - 1)) / 2;
  }
  return sum;
}

export function groupCount(partition: Partition): number {
  return new Set(partition.values()).size;
}

/** Share of the groups of `a` that `b` has with the very same members. */
export function identicalShare(a: Partition, b: Partition): number {
  const [ours, theirs] = [membersOf(a), membersOf(b)];
  const known = new Set(theirs);
  return ours.filter((members) => known.has(members)).length / Math.max(1, ours.length);
}

function membersOf(partition: Partition): string[] {
  const groups = new Map<string | number, string[]>();
  for (const [member, group] of partition) {
    const members = groups.get(group);
    if (members === undefined) {
      groups.set(group, [member]);
    } else {
      members.push(member);
    }
  }
  return [...groups.values()].map((members) => members.sort().join());
}
