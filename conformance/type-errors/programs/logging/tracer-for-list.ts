// TS2322: Type 'CallTracer' is not assignable to type 'readonly CallTracer[]'.

import { createServer } from "farcall"
import { logging } from "farcall/logging"

createServer({ tracers: logging() })
