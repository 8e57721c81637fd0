// TS2353: Object literal may only specify known properties, and 'typeUrl' does not exist in type 'readonly StatusDetail[]'.

import { StatusError } from "farcall"

throw new StatusError("NOT_FOUND", "nobody", { details: { typeUrl: "x", value: new Uint8Array() } })
