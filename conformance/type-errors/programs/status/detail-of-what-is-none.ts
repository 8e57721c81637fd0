// TS2322: Type 'string' is not assignable to type 'StatusDetail'.

import { StatusError } from "farcall"

throw new StatusError("NOT_FOUND", "nobody", { details: ["nobody"] })
