/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error"

/** Where lines go: `console`, and the loggers of pino and winston, are such as they are. */
export interface Logger {
  debug(line: string): unknown
  info(line: string): unknown
  warn(line: string): unknown
  error(line: string): unknown
}
