/** The golden scenarios of all rules, and how well the rules do on them. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import { judge } from "./verdict.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../edge/rules/golden");

export const RATES = [2.5, 5, 10] as const;

/** By the rule's kind, which is the file's name. */
export async function loadGolden(): Promise<ReadonlyMap<string, readonly Scenario[]>> {
  const golden = new Map<string, readonly Scenario[]>();
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
  for (const file of files.sort()) {
    const module = (await import(pathToFileURL(path.join(FOLDER, file)).href)) as {
      readonly scenarios: readonly Scenario[];
    };
    golden.set(path.basename(file, ".ts"), module.scenarios);
  }
  return golden;
}

export class Score {
  hits = 0;
  missed = 0;
  wrong = 0;
  readonly faults: string[] = [];

  add({ hits, missed, wrong, faults }: Score, prefix = ""): void {
    this.hits += hits;
    this.missed += missed;
    this.wrong += wrong;
    this.faults.push(...faults.map((fault) => `${prefix}${fault}`));
  }

  /** 1 where there was nothing to say and nothing was said. */
  get precision(): number {
    return this.hits + this.wrong === 0 ? 1 : this.hits / (this.hits + this.wrong);
  }

  get recall(): number {
    return this.hits + this.missed === 0 ? 1 : this.hits / (this.hits + this.missed);
  }
}

/** All scenarios of one rule with noise, at every rate and seed. */
export function scoreWithNoise(scenarios: readonly Scenario[], seeds: readonly number[]): Score {
  const score = new Score();
  for (const [index, scenario] of scenarios.entries()) {
    for (const fps of RATES) {
      for (const seed of seeds) {
        const options = { fps, seed: seed * 1000 + index * 10 + Math.round(fps) };
        const { hits, missed, wrong, faults } = judge(scenario, play(scenario, options), options);
        score.hits += hits;
        score.missed += missed;
        score.wrong += wrong;
        score.faults.push(
          ...faults.map((fault) => `${scenario.name} (${fps} fps, seed ${seed}): ${fault}`),
        );
      }
    }
  }
  return score;
}
