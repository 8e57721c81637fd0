import { createServer } from "../server/server.js"
import { Parrot } from "./parrot.js"

// A program that serves a socket which was handed over as its file descriptor 3, says where that is, and ends with its
// standard input.
const server = createServer().add(Parrot, { say: (request) => request })
console.log(`${await server.listen({ fd: 3 })}`)
process.stdin.resume().once("end", () => server.shutdown())
