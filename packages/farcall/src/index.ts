export type { BackoffOptions } from "./balance/backoff.js"
export type { Balancer, BalancerHost, BalancingPolicy, BalancingPolicyOptions } from "./balance/balancer.js"
export { FailingPicker, type Picker, WaitingPicker } from "./balance/picker.js"
export type { Subchannel, SubchannelListener } from "./balance/subchannel.js"
export type { ConnectingChannel } from "./client/balanced-channel.js"
export {
  accessToken,
  type CallCredentials,
  type CredentialsRequest,
  callCredentials,
} from "./client/call-credentials.js"
export type {
  BidiStreamingCall,
  ClientStreamingCall,
  Requests,
  RequestWriter,
  ServerStreamingCall,
  StreamingCallBase,
  WriteOptions,
} from "./client/call-handle.js"
export type { CallOptions } from "./client/call-options.js"
export { createChannel } from "./client/channel.js"
export type { ChannelOptions } from "./client/channel-options.js"
export {
  type BidiStreamingMethod,
  type Client,
  type ClientMethod,
  type ClientStreamingMethod,
  createClient,
} from "./client/client.js"
export type { ClientOptions } from "./client/client-options.js"
export type {
  HealthCheckJson,
  HedgingPolicyJson,
  LoadBalancingJson,
  MethodConfigJson,
  RetryPolicyJson,
  RetryThrottlingJson,
  ServiceConfigJson,
  StatusCodeJson,
} from "./client/service-config.js"
export type { WaitOptions } from "./client/state-watch.js"
export type { Channel, ChannelCall, ClientTransport } from "./client/transport.js"
export type { AuthContext, PeerCertificate } from "./core/auth-context.js"
export { type BytesMethod, bytesMethod } from "./core/bytes-codec.js"
export type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  Ender,
  MessageEvents,
  MessageTotals,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "./core/call-tracer.js"
export { type Clock, systemClock, type Timer } from "./core/clock.js"
export { type Compression, MessageTooLong } from "./core/compression.js"
export type { ConnectivityState } from "./core/connectivity.js"
export type { ParentContext, ParentTracing } from "./core/context.js"
export { type DiagnosticsChannel, type DiagnosticsListener, diagnosticsChannel } from "./core/diagnostics.js"
export type {
  AttemptEndEvent,
  AttemptStartEvent,
  ChannelStateEvent,
  ClientCallEndEvent,
  ClientCallStartEvent,
  ClientStreamEvent,
  ConnectedEvent,
  ConnectFailedEvent,
  ConnectingEvent,
  ConnectionClosedEvent,
  ConnectionDrainingEvent,
  ConnectionEvent,
  DiagnosticsEvents,
  EndEvent,
  ListeningEvent,
  ResolverErrorEvent,
  ResolverUpdateEvent,
  ServerCallEndEvent,
  ServerCallStartEvent,
  ServerClosedEvent,
  ServerConnectionFailedEvent,
  ServerDrainingEvent,
  ServerHealthEvent,
  ServerStreamEvent,
  StreamResetEvent,
  SubchannelHealthEvent,
  SubchannelStateEvent,
  WorkerDiedEvent,
  WorkerStartedEvent,
} from "./core/diagnostics-events.js"
export type { Call, CallChanges, Interceptor, Next, Response, ResponseChanges } from "./core/interceptor.js"
export { type BinaryKey, Metadata, type MetadataInit, type MetadataValue } from "./core/metadata.js"
export { type Reason, reasonOf } from "./core/reason.js"
export type {
  AnyMethod,
  ByteSink,
  MessageCodec,
  MethodDefinition,
  MethodKind,
  ServiceDefinition,
} from "./core/service.js"
export {
  type ErrorStatusCode,
  type Status,
  type StatusCode,
  type StatusDetail,
  statusCodeOf,
  statusCodes,
} from "./core/status.js"
export { StatusError, type StatusErrorOptions } from "./core/status-error.js"
export { type GlobalTracers, globalTracers } from "./core/tracers.js"
export type { NameScheme, NameSource, Resolver, ResolverListener, TargetParts } from "./resolve/resolver.js"
export { staticName } from "./resolve/static.js"
export type { AnyService, DefinitionOf, DescribedService, MethodsOf } from "./schema/described-service.js"
export { ServerContext } from "./server/context.js"
export type { HandedOverSocket, ListenAddress } from "./server/listener.js"
export type { CallLimits, MethodLimits, ServerLimits } from "./server/method-limits.js"
export type { FallbackHandler } from "./server/router.js"
export {
  createServer,
  type ListenOptions,
  type Server,
  type ServerOptions,
  type ShutdownOptions,
} from "./server/server.js"
export type { Handler, Responses, Servicer } from "./server/servicer.js"
export type { WorkerOptions } from "./server/workers/worker-pool.js"
export type { Address } from "./transport/address.js"
export type { ChannelKeepaliveOptions } from "./transport/channel-keepalive.js"
export type { ConnectionAgeOptions } from "./transport/connection-age.js"
export {
  type ChannelCredentials,
  type CompositeCredentials,
  type Credentials,
  combine,
  type InsecureCredentials,
  insecure,
  type LocalCredentials,
  local,
} from "./transport/credentials.js"
export type { ServerKeepaliveOptions } from "./transport/server-keepalive.js"
export { type TlsCredentials, tls } from "./transport/tls-credentials.js"
export type { Pem, TlsIdentity, TlsOptions } from "./transport/tls-options.js"
