// TS2561: Object literal may only specify known properties, but 'delay' does not exist in type '{ readonly delayMs: number; }'. Did you mean to write 'delayMs'?

import { retryInfo } from "farcall/error-details"

retryInfo({ delay: 500 })
