import type { Diagnostic, SourceLines } from "../compile/index.js"

/** A diagnostic as it is printed, or something about the command line itself. */
export interface Finding extends Omit<Diagnostic, "file"> {
  /** As the file is found from the working directory; undefined when no file is meant. */
  readonly file: string | undefined
  /** The lines of the file, read when they are asked for; undefined when it is not there. */
  readonly lines: () => SourceLines | undefined
}

/** The token that a finding is about. */
export function rangeOf(finding: Finding): ReturnType<SourceLines["range"]> {
  return finding.line === undefined ? undefined : finding.lines()?.range(finding as Diagnostic)
}
