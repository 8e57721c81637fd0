// TS2322: Type 'Uint8Array<ArrayBufferLike> | undefined' is not assignable to type 'string | undefined'.

import { Metadata } from "farcall"

export const id: string | undefined = new Metadata().get("id-bin")
