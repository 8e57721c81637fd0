export type { TraceChild, TraceSeverity } from "../core/entity.js"
export { Channelz, type ChannelzClient } from "../gen/grpc/channelz/v1/channelz_grpc.js"
export { channelz, type LocalChannelz } from "./channelz.js"
export { type FormatOptions, formatChannelz } from "./format.js"
export { addChannelz } from "./service.js"
export type {
  CallsSnapshot,
  ChannelSnapshot,
  ChannelzSnapshot,
  ConnectionSnapshot,
  ListenSocketSnapshot,
  MessagesSnapshot,
  SecuritySnapshot,
  ServerSnapshot,
  StreamsSnapshot,
  SubchannelSnapshot,
  TraceEventSnapshot,
  TraceSnapshot,
} from "./snapshot.js"
