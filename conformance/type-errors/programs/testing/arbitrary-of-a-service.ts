// 5.9 TS2345: Argument of type 'GenService<{ … is not assignable to parameter of type 'DescMessage'
// 7.0 TS2740: Type 'GenService<{ … is missing the following properties from type 'DescMessage'

import { arbitraryOf } from "farcall/testing/arbitrary"
import { Greeter } from "../gen/greeter_pb.js"

arbitraryOf(Greeter)
