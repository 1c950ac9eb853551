/** What is wrong with a field, in words. */
import type { FieldFault } from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";

export function useFaultWords(): (fault: FieldFault) => string {
  const words = useWords();
  return (fault) => {
    switch (fault.kind) {
      case "min":
        return words(fault.isOutside ? "fault.above" : "fault.min", { bound: fault.bound });
      case "max":
        return words("fault.max", { bound: fault.bound });
      case "any-of": {
        const names = fault.names.map((name) => words(`param.${name}`, { defaultValue: name }));
        return words("fault.anyOf", { names: names.join(words("listComma")) });
      }
      case "said": {
        const { message, expected } = fault;
        return expected === null || message.includes(expected)
          ? message
          : `${message} · ${words("fault.expected", { expected })}`;
      }
      default:
        return words(`fault.${fault.kind}`);
    }
  };
}
