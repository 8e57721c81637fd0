import { serveWorker } from "farcall/worker"
import { FormatData } from "./gen/data_grpc.js"
import { formatData } from "./servicer.js"

// What each of the server's threads does.
serveWorker(FormatData, formatData)
