import { type Channel, type Client, createChannel, createClient, type Interceptor, insecure, tls } from "farcall"
import type { ClientFlags } from "./flags.js"
import { TestService, UnimplementedService } from "./gen/grpc/testing/test_grpc.js"

/** What a case is played on. */
export interface Stage {
  readonly flags: ClientFlags
  readonly client: Client<typeof TestService>
  readonly stranger: Client<typeof UnimplementedService>
  /** A client on the same channel with an interceptor around its calls. */
  watched(interceptor: Interceptor): Client<typeof TestService>
  /** A channel of its own to the same server. */
  connect(): Channel
}

/** Plays one test case. @throws Error when it went otherwise than it should */
export type PlayCase = (stage: Stage) => Promise<void>

/** No call of a case takes longer, whatever its server does. */
const timeoutMs = 30_000

export function setStage(channel: Channel, flags: ClientFlags): Stage {
  return {
    flags,
    client: testClient(channel),
    stranger: createClient(UnimplementedService, channel, { timeoutMs }),
    watched: (interceptor) => createClient(TestService, channel, { timeoutMs, interceptors: [interceptor] }),
    connect: () => connect(flags),
  }
}

export function testClient(channel: Channel): Client<typeof TestService> {
  return createClient(TestService, channel, { timeoutMs })
}

export function connect(flags: ClientFlags): Channel {
  const { server_host, server_port, use_tls, use_test_ca, ca_file } = flags
  const host = server_host.includes(":") ? `[${server_host}]` : server_host
  const override = flags.server_host_override || undefined
  return createChannel(`${host}:${server_port}`, {
    credentials: use_tls ? tls({ ca: use_test_ca ? ca_file : undefined, serverName: override }) : insecure(),
    authority: override,
  })
}
