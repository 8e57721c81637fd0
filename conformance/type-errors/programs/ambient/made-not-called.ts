// TS2322: Interceptor' is not assignable to type 'Interceptor'. … Type 'Next' has no properties in common with type 'AmbientOptions'.

import { createServer } from "farcall"
import { ambient } from "farcall/ambient"

createServer({ interceptors: [ambient] })
