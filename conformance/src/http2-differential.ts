import { compareImplementations } from "../../fuzz/dist/differential/command.js"

// The same conversations with our engine, node:http2 and Go's x/net/http2. Needs FARCALL_GO, the folder of the Go
// programs. Ends with 1 when somebody has heard something else than was said.

const conversations = process.argv.includes("--full") ? 3000 : 300
const firstSeed = 100_001

if (!(await compareImplementations(conversations, firstSeed))) process.exitCode = 1
