/** Tables of `migrations/*-dispatch.sql`. */
export interface DispatchSchema {}
