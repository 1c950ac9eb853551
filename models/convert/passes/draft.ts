/** A graph being rewritten: nodes in order, with look-up of who makes and who uses a value. */
import type { Graph, Node, Tensor } from "../../onnx/index.ts";

export class Draft {
  readonly constants: Map<string, Tensor>;
  readonly #graph: Graph;
  readonly #outputs: ReadonlySet<string>;
  #nodes: Node[];
  #producers = new Map<string, Node>();
  #consumers = new Map<string, Node[]>();
  #fresh = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#nodes = [...graph.nodes];
    this.constants = new Map(graph.constants);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#index();
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  producer(value: string | undefined): Node | undefined {
    return value === undefined ? undefined : this.#producers.get(value);
  }

  consumers(value: string): readonly Node[] {
    return this.#consumers.get(value) ?? [];
  }

  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  /** True when `node` alone uses `value`, so that a change of it is seen nowhere else. */
  isPrivate(value: string): boolean {
    return this.consumers(value).length === 1 && !this.isOutput(value);
  }

  constant(value: string | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.constants.get(value);
  }

  /** A name for a new value derived from `base`. */
  fresh(base: string): string {
    this.#fresh += 1;
    return `${base}~${String(this.#fresh)}`;
  }

  addConstant(base: string, tensor: Tensor): string {
    const name = this.fresh(base);
    this.constants.set(name, tensor);
    return name;
  }

  /** Puts `nodes` where `node` was, which keeps producers before consumers. */
  replace(node: Node, ...nodes: readonly Node[]): void {
    this.#nodes.splice(this.#nodes.indexOf(node), 1, ...nodes);
    this.#index();
  }

  /** Lets every user of `from` use `to`. */
  redirect(from: string, to: string): void {
    this.#nodes = this.#nodes.map((node) =>
      node.inputs.includes(from)
        ? { ...node, inputs: node.inputs.map((input) => (input === from ? to : input)) }
        : node,
    );
    this.#index();
  }

  /** Gives the value `from` the name `to` where it is made and used. */
  rename(from: string, to: string): void {
    const swap = (name: string): string => (name === from ? to : name);
    this.#nodes = this.#nodes.map((node) =>
      node.inputs.includes(from) || node.outputs.includes(from)
        ? { ...node, inputs: node.inputs.map(swap), outputs: node.outputs.map(swap) }
        : node,
    );
    this.#index();
  }

  /** Drops nodes and constants that no output depends on. Gives whether there were any. */
  sweep(): boolean {
    const wanted = new Set(this.#outputs);
    const kept = [...this.#nodes].reverse().filter((node) => {
      const isWanted = node.outputs.some((output) => wanted.has(output));
      if (isWanted) {
        for (const input of node.inputs) {
          wanted.add(input);
        }
      }
      return isWanted;
    });
    const isChanged = kept.length !== this.#nodes.length;
    this.#nodes = kept.reverse();
    for (const name of [...this.constants.keys()]) {
      if (!wanted.has(name)) {
        this.constants.delete(name);
      }
    }
    this.#index();
    return isChanged;
  }

  toGraph(): Graph {
    return { ...this.#graph, nodes: this.#nodes, constants: this.constants };
  }

  #index(): void {
    this.#producers = new Map();
    this.#consumers = new Map();
    for (const node of this.#nodes) {
      for (const output of node.outputs) {
        this.#producers.set(output, node);
      }
      for (const input of new Set(node.inputs)) {
        const users = this.#consumers.get(input);
        if (users === undefined) {
          this.#consumers.set(input, [node]);
        } else {
          users.push(node);
        }
      }
    }
  }
}

/** Looks at one node, and rewrites around it or leaves it. Gives whether it rewrote. */
export type Rule = (draft: Draft, node: Node) => boolean;

/** Applies the rules until none finds anything more to do. Every rule must lead towards an end. */
export function rewrite(draft: Draft, rules: readonly Rule[]): void {
  for (let isChanged = true; isChanged; ) {
    isChanged = draft.sweep();
    for (const node of [...draft.nodes]) {
      if (draft.producer(node.outputs[0]) !== node) {
        continue; // An earlier rewrite of this round took it away.
      }
      isChanged = rules.some((rule) => rule(draft, node)) || isChanged;
    }
  }
}
