import { serveWorker } from "farcall/worker"
import { Tallies } from "../gen/tally_pb.js"
import { tallies } from "./tallies.js"

serveWorker(Tallies, tallies)
