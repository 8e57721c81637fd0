export type { ActiveFault } from "./faults/active-fault.js"
export {
  type FaultProxy,
  type FaultProxyIdentity,
  type FaultProxyOptions,
  startFaultProxy,
} from "./faults/fault-proxy.js"
export type { CallPhase, Direction, FaultRule } from "./faults/fault-rule.js"
export type { ConnectionStrike, Faults } from "./faults/faults.js"
export { type Fixtures, fixturesFor } from "./fixtures/fixtures.js"
export type { FixtureOptions, PairFixture, RunnerHooks, UseTestPair } from "./fixtures/pair-fixture.js"
export { type FailingCall, rejectsWithStatus } from "./rejects-with-status.js"
export type { Answer, Expect, Expectation, Matching } from "./stand-ins/expectation.js"
export { type FakeResolver, fakeResolver } from "./stand-ins/fake-resolver.js"
export { type MockClientOptions, mockClient } from "./stand-ins/mock-client.js"
export { type MockServicer, mockServicer } from "./stand-ins/mock-servicer.js"
export type {
  RecordedCall,
  RecordedCallBase,
  RecordedRequest,
  RecordedRequests,
  RecordedResponse,
  RecordedResponses,
} from "./stand-ins/recorded-call.js"
export {
  createTestPair,
  type TestConnection,
  type TestPair,
  type TestPairOptions,
  type TestTransport,
} from "./test-pair.js"
export { type VirtualClock, type VirtualClockOptions, virtualClock } from "./virtual-clock.js"
