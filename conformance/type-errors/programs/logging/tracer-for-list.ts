// TS2740: Type 'CallTracer' is missing the following properties from type 'readonly CallTracer[]'

import { createServer } from "farcall"
import { logging } from "farcall/logging"

createServer({ tracers: logging() })
