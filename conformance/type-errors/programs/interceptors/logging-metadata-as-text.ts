// TS2322: Type 'string' is not assignable to type 'readonly string[]'.

import { logging } from "farcall/interceptors"

logging({ metadata: "user-agent" })
