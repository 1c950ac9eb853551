/** Tables of `migrations/*-correlation.sql`. */
export interface CorrelationSchema {}
