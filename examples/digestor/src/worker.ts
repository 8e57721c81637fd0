import { serveWorker } from "farcall/worker"
import { Digestor } from "./gen/digestor_grpc.js"
import { createDigestor } from "./servicer.js"

// What each of the server's threads does.
serveWorker(Digestor, createDigestor(console.log))
