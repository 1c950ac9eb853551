/** Who sends and who is told, the secrets they sign with, and the town that all belong to. */
export * from "./admin/index.ts";
export * from "./directory-book.ts";
export * from "./import-directory.ts";
export * from "./old-secrets.ts";
export * from "./secret-box.ts";
export * from "./secret-file.ts";
export * from "./sender-check.ts";
export * from "./signature.ts";
export * from "./town/index.ts";
