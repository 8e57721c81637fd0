// TS2322: Type 'number' is not assignable to type … Address

import { fakeResolver } from "farcall/testing"

fakeResolver().push([50051])
