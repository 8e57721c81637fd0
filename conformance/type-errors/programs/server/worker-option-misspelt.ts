// TS2353: Object literal may only specify known properties, and 'threads' does not exist in type 'WorkerOptions'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, new URL("worker.js", import.meta.url), { threads: 2 })
