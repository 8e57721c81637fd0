// TS2561: Object literal may only specify known properties, but 'raeson' does not exist in type 'MessageInit<ErrorInfo>'. Did you mean to write 'reason'?

import { StatusError } from "farcall"
import { errorInfo } from "farcall/error-details"

throw new StatusError("NOT_FOUND", "nobody", { details: [errorInfo({ raeson: "GONE" })] })
