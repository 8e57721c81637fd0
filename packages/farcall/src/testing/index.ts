export { createTestPair, type TestPair, type TestPairOptions, type TestTransport } from "./test-pair.js"
