export {
  createTestPair,
  type TestConnection,
  type TestPair,
  type TestPairOptions,
  type TestTransport,
} from "./test-pair.js"
export { type VirtualClock, type VirtualClockOptions, virtualClock } from "./virtual-clock.js"
