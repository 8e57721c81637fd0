// TS2322: Type '(options?: LoggingOptions | undefined) => Interceptor' is not assignable to type 'Interceptor'.

import { createServer } from "farcall"
import { logging } from "farcall/interceptors"

createServer({ interceptors: [logging] })
