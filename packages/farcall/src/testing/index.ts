export { createTestPair, type TestPair, type TestPairOptions } from "./test-pair.js"
