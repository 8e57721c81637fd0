import { serveWorker } from "farcall/worker"
import { Gate } from "../gen/gate_grpc.js"
import { gateServicer, inheritedLatch } from "./gate-servicer.js"

serveWorker(Gate, gateServicer(inheritedLatch()))
