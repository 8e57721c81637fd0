// TS2345: Argument of type 'string' is not assignable to parameter of type 'ParentContext'.

import { withParent } from "farcall/ambient"

withParent("parent", () => 5)
