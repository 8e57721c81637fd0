// TS2322: Type 'string' is not assignable to type … MetadataInit

import { callCredentials } from "farcall"

callCredentials(() => "Bearer abc")
