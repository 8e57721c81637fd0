import type { BadServerCase } from "./bad-server-case.js"
import { frameCases } from "./frame-cases.js"
import { messageCases } from "./message-cases.js"

/** All that a server may do to a client. */
export const badServerCases: readonly BadServerCase[] = [...frameCases, ...messageCases]
