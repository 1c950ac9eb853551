/** Short ways to the page's elements. */

/** @throws Error where the page lacks it: the page and this program are one. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`report.html: expected a ${kind.name} #${id}`);
  }
  return found;
}

export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** Chinese, and English in its own language for a screen reader. */
export function bilingual({ zh, en }: Words): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(zh, " ", element("span", { lang: "en", textContent: en }));
  return fragment;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A choice that looks like a button and is a radio button to keyboards and screen readers. */
export function choice(name: string, value: string, words: Words): HTMLLabelElement {
  const input = element("input", { type: "radio", name, value });
  return element("label", {}, input, element("span", {}, bilingual(words)));
}

export function chosen(form: HTMLFormElement, name: string): string | undefined {
  const value = new FormData(form).get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
