"""A service of bytes that fails as its callers ask, on grpcio: what retries are tried against.

Metadata: "call" names the call, "fail" says how many of its attempts fail UNAVAILABLE, "pushback" with what
grpc-retry-pushback-ms. An answer is what was sent, then the grpc-previous-rpc-attempts of all attempts.
"""

from concurrent import futures

import grpc


class Retries(grpc.GenericRpcHandler):
    def __init__(self):
        self.attempts = {}

    def service(self, details):
        name = details.method.rsplit("/", 1)[1]
        metadata = dict(details.invocation_metadata)

        def enter(context):
            seen = self.attempts.setdefault(metadata["call"], [])
            seen.append(metadata.get("grpc-previous-rpc-attempts", "none"))
            if len(seen) <= int(metadata["fail"]):
                if "pushback" in metadata:
                    context.set_trailing_metadata([("grpc-retry-pushback-ms", metadata["pushback"])])
                context.abort(grpc.StatusCode.UNAVAILABLE, f"attempt {len(seen)}")
            return " ".join(seen).encode()

        def unary(request, context):
            return request + b" " + enter(context)

        def client_streaming(requests, context):
            return b"".join(requests) + b" " + enter(context)

        def server_streaming(request, context):
            seen = enter(context)
            yield request
            yield seen

        def bidi(requests, context):
            first = next(requests)
            seen = enter(context)
            yield first
            yield from requests
            yield seen

        return {
            "Unary": grpc.unary_unary_rpc_method_handler(unary),
            "ClientStreaming": grpc.stream_unary_rpc_method_handler(client_streaming),
            "ServerStreaming": grpc.unary_stream_rpc_method_handler(server_streaming),
            "Bidi": grpc.stream_stream_rpc_method_handler(bidi),
        }[name]


server = grpc.server(futures.ThreadPoolExecutor(), handlers=[Retries()])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination(60)
