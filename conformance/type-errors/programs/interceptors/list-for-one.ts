// TS2322: Type 'Interceptor' is not assignable to type 'readonly Interceptor[]'.

import { createServer } from "farcall"
import { logging } from "farcall/interceptors"

createServer({ interceptors: logging() })
