// TS2345: Argument of type 'string' is not assignable to parameter of type 'Server'.

import { addReflection } from "farcall/reflection"

addReflection("localhost:50051")
