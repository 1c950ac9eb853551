/** Gives every view the brain's commands, and what a press of a button needs. */
import { createContext, useContext } from "react";
import type { Clock } from "../../../protocol/index.ts";
import type { CommandApi } from "../../model/index.ts";

export interface Commands {
  readonly api: CommandApi;
  readonly clock: Clock;
  /** A new idempotency key. */
  readonly newKey: () => string;
}

const CommandContext = createContext<Commands | null>(null);
export const CommandProvider = CommandContext.Provider;

export function useCommands(): Commands {
  const commands = useContext(CommandContext);
  if (commands === null) {
    throw new Error("useCommands needs a CommandProvider above it");
  }
  return commands;
}
