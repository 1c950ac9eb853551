/** A node's page of metrics at one moment. */

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Metrics {
  readonly #samples: readonly Sample[];

  /** @param text in Prometheus' text format. */
  constructor(text: string) {
    this.#samples = text.split("\n").flatMap(parseLine);
  }

  /** The sum of all samples of this name whose labels agree; 0 when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#samples
      .filter((sample) => sample.name === name && agrees(sample, labels))
      .reduce((total, { value }) => total + value, 0);
  }

  /** Values of one label among the samples of this name. */
  labels(name: string, label: string): readonly string[] {
    const values = this.#samples
      .filter((sample) => sample.name === name)
      .map(({ labels }) => labels[label] ?? "");
    return [...new Set(values)];
  }
}

function parseLine(line: string): Sample[] {
  const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined) {
    return [];
  }
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, key = "", text = ""]) => [key, text] as const,
  );
  return [{ name, labels: Object.fromEntries<string>(pairs), value: Number(value) }];
}

function agrees({ labels }: Sample, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
