// TS2322: Type 'string' is not assignable to type 'boolean | readonly string[]

import { logging } from "farcall/logging"

logging({ metadata: "user-agent" })
