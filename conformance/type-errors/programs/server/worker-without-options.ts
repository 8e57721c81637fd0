// TS2559: Type 'URL' has no properties in common with type 'Partial<Servicer<

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, new URL("worker.js", import.meta.url))
