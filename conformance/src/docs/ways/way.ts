/**
 * One way through the files, as it is drawn: a U, down on the left from whoever begins, across, up on the right to the
 * end; and what comes back by the same files.
 */
export interface Way {
  /** The picture is docs/ways/NAME.svg. */
  readonly name: string
  readonly title: string
  /** What the two kinds of arrows stand for. */
  readonly forth: string
  readonly back: string
  readonly left: Column
  readonly right: Column
  readonly between: Crossing
}

export interface Column {
  readonly head: string
  /** From the top. */
  readonly stops: readonly Stop[]
}

/** A place that the way passes. */
export interface Stop {
  /** From `packages/farcall/src`, or from `packages`. Left out: it is no file of Farcall's. */
  readonly file?: string
  /** What it is called where it is no file. */
  readonly name?: string
  /** What it does, in a few words. */
  readonly says: string
  /**
   * The functions and classes by which the way passes here, going and coming; an empty list: by none that has a name. Left
   * out: it does not pass.
   */
  readonly forth?: readonly string[]
  readonly back?: readonly string[]
  /** Passed only where it is asked for. */
  readonly optional?: boolean
}

/** What both columns stand on, and what goes across it. */
export interface Crossing {
  readonly name: string
  readonly says: string
  readonly forth: string
  /** Left out: nothing comes back across it. */
  readonly back?: string
}
