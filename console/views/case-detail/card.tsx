/** Frame of one group of facts, and one fact. */
import { useId, type ReactNode } from "react";

interface CardProps {
  readonly title: string;
  readonly area: string;
  readonly count?: number;
  readonly children: ReactNode;
}

export function Card({ title, area, count, children }: CardProps) {
  const id = useId();
  return (
    <section className={`card card-${area}`} aria-labelledby={id}>
      <h3 id={id}>
        {title}
        {count !== undefined && <span className="card-count">{count}</span>}
      </h3>
      {children}
    </section>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
