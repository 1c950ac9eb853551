/** Acting on a case: buttons, keys, forms, and what became of them. */
export { ActionBar } from "./action-bar.tsx";
export { CommandProvider, useCommands } from "./context.tsx";
export { FormDialog } from "./form-dialog.tsx";
export { KeyHelp } from "./key-help.tsx";
export { useSingleKeys } from "./keys.ts";
export { Outcome } from "./outcome.tsx";
export type { FieldChoices } from "./fields.tsx";
export { useChoices } from "./use-choices.ts";
export { usePress, type UsedPress } from "./use-press.ts";
export { useWork } from "./use-work.ts";
export { Photos } from "./photos.tsx";
