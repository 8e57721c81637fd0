/** What a program that has just started prints, as JSON. */
export interface StartReport {
  /** CPU until everything was imported, from the process's beginning, in microseconds. */
  readonly cpuMicros: number
  /** The same until a call was answered, between one server and one client; looking at the memory before it does not count. */
  readonly callingMicros: number
  /** Memory that is in RAM then, behind a garbage collection. */
  readonly importedBytes: number
  /** The same with one server and one client, which have made a call. */
  readonly callingBytes: number
}
