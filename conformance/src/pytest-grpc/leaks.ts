import { after, describe, it } from "node:test"
import { useLeakChecks, useTestPair } from "farcall/testing/node"
import { leavingTests } from "./leaving-tests.js"

leavingTests({ describe, it, after, useTestPair, useLeakChecks })
