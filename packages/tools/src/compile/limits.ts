// What bounds the work that a file can make beyond its own length. protoc has no such bounds, or crashes.

/** Mistakes that are told of; then the compiler gives up. Of n ranges that overlap there are n² / 2 to tell. */
export const MAX_ERRORS = 10_000

/** Hints are looked for among all names there are: so many are, for a compilation that is nothing but mistakes. */
export const MAX_HINTS = 100

/** Options times ranges in one statement `extensions 1, 2, 3 [options]`: the descriptor has each of them. */
export const MAX_COPIED_OPTIONS = 100_000

/** Groups in groups, which are refused beyond 31 levels, but only once the file has been parsed. */
export const MAX_GROUP_DEPTH = 200
