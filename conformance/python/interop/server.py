"""gRPC's interoperability server, on grpcio."""

import signal
import time
from concurrent import futures
from threading import Event

import grpc
import test_pb2
import test_pb2_grpc
from flags import certificate, parse, read_file
from program import say

# The one token that is known, and whose it is.
_TOKEN = "farcall-interop-token"
_USERNAME = "interop@farcall.example"
_SCOPE = "https://farcall.example/auth/interop"

_INITIAL = "x-grpc-test-echo-initial"
_TRAILING = "x-grpc-test-echo-trailing-bin"


class TestServicer(test_pb2_grpc.TestServiceServicer):
    """All that the service describes, but for the method that no server has.

    grpcio does not tell a handler whether a request came compressed, so that expect_compressed cannot be heeded.
    """

    def EmptyCall(self, request, context):
        return test_pb2.Empty()

    def UnaryCall(self, request, context):
        _echo_metadata(context)
        _echo_status(request, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        response = test_pb2.SimpleResponse(payload=_payload(request.response_type, request.response_size))
        if ("authorization", f"Bearer {_TOKEN}") in context.invocation_metadata():
            response.username = _USERNAME if request.fill_username else ""
            response.oauth_scope = _SCOPE if request.fill_oauth_scope else ""
        return response

    def StreamingOutputCall(self, request, context):
        yield from _responses(request, context)

    def StreamingInputCall(self, requests, context):
        return test_pb2.StreamingInputCallResponse(
            aggregated_payload_size=sum(len(request.payload.body) for request in requests)
        )

    def FullDuplexCall(self, requests, context):
        _echo_metadata(context)
        for request in requests:
            _echo_status(request, context)
            yield from _responses(request, context)

    def HalfDuplexCall(self, requests, context):
        for request in list(requests):
            yield from _responses(request, context)


def _payload(kind, size):
    return test_pb2.Payload(type=kind, body=bytes(size))


def _responses(request, context):
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield test_pb2.StreamingOutputCallResponse(payload=_payload(request.response_type, parameters.size))


def _echo_metadata(context):
    metadata = context.invocation_metadata()
    initial = [(key, value) for key, value in metadata if key == _INITIAL]
    if initial:
        context.send_initial_metadata(initial)
    context.set_trailing_metadata([(key, value) for key, value in metadata if key == _TRAILING])


def _echo_status(request, context):
    if request.response_status.code != 0:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def main():
    flags = parse(
        port=8080,
        use_tls=False,
        tls_cert_file=certificate("server.pem"),
        tls_key_file=certificate("server.key.pem"),
    )
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=10), options=[("grpc.so_reuseport", 0)])
    test_pb2_grpc.add_TestServiceServicer_to_server(TestServicer(), server)
    where = f"[::]:{flags.port}"
    if flags.use_tls:
        pair = (read_file(flags.tls_key_file), read_file(flags.tls_cert_file))
        port = server.add_secure_port(where, grpc.ssl_server_credentials([pair]))
    else:
        port = server.add_insecure_port(where)
    server.start()
    say(f"Server started, listening on {port}")
    stop.wait()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
