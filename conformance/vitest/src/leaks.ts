import { useLeakChecks, useTestPair } from "farcall/testing/vitest"
import { afterAll, describe, it } from "vitest"
import { leavingTests } from "../../dist/pytest-grpc/leaving-tests.js"

leavingTests({ describe, it, after: afterAll, useTestPair, useLeakChecks })
