/** Tables of `migrations/*-casework.sql`. */
export interface CaseworkSchema {}
