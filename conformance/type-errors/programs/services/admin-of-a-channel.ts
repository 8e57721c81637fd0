// 5.9 TS2345: Argument of type 'ConnectingChannel' is not assignable to parameter of type 'Server'.
// 7.0 TS2739: Type 'ConnectingChannel' is missing the following properties from type 'Server'

import { createChannel } from "farcall"
import { addAdmin } from "farcall/admin"

addAdmin(createChannel("localhost:50051"))
