import { serveWorker } from "farcall/worker"
import { Echo } from "./gen/echo_grpc.js"
import { echo } from "./servicer.js"

// What each of the server's threads does.
serveWorker(Echo, echo)
