/** Tables of `migrations/*-directory.sql`. */
export interface DirectorySchema {}
