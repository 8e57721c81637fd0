// What the low three bits of a tag say of what stands behind it (the encoding guide, "Message Structure").

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
export const START_GROUP = 3
export const END_GROUP = 4
export const FIXED32 = 5
