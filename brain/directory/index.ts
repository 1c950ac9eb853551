/** Who sends and who is told: nodes, cameras and endpoints, and the secrets they sign with. */
export * from "./directory-book.ts";
export * from "./import-directory.ts";
export * from "./secret-box.ts";
export * from "./secret-file.ts";
export * from "./sender-check.ts";
export * from "./signature.ts";
