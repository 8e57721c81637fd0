// TS2345: Argument of type 'number' is not assignable to parameter of type 'MetadataValue'.

import { Metadata } from "farcall"

new Metadata().set("attempt", 1)
