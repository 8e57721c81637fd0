"""gRPC's interoperability test cases: each a function that raises AssertionError when it went otherwise than it should.

grpcio does not tell a client whether a response came compressed: server_compressed_unary and _streaming see to the
payloads alone. Nor does it compress the messages of one call one by one: client_compressed_streaming cannot pass.
"""

import json
import threading
import time

import grpc
import test_pb2
import test_pb2_grpc

_REQUEST_SIZE = 271828
_RESPONSE_SIZE = 314159
_REQUEST_SIZES = (27182, 8, 1828, 45904)
_RESPONSE_SIZES = (31415, 9, 2653, 58979)

# No call of a case takes longer, whatever its server does.
_TIMEOUT = 30

_ECHOED = (
    ("x-grpc-test-echo-initial", "test_initial_metadata_value"),
    ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"),
)

_STATUS = test_pb2.EchoStatus(code=2, message="test status message")
_SPECIAL = test_pb2.EchoStatus(
    code=2, message="\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
)


def _payload(size):
    return test_pb2.Payload(body=bytes(size))


def _expect_zeros(response, size):
    assert response.payload.body == bytes(size), f"{len(response.payload.body)} bytes, or not zeros; due were {size}"


def _expect_equal(what, actual, expected):
    assert actual == expected, f"{what}: {actual!r}, not {expected!r}"


def _expect_failure(code, call):
    """How a call failed, which must be with this code."""
    try:
        call()
    except grpc.RpcError as error:
        _expect_equal("the code", error.code(), code)
        return error
    raise AssertionError(f"the call ended OK, not {code.name}")


class _Requests:
    """Requests written by hand, as the iterator that grpcio wants."""

    def __init__(self):
        self._requests = []
        self._ended = False
        self._changed = threading.Condition()

    def write(self, request):
        with self._changed:
            self._requests.append(request)
            self._changed.notify()

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify()

    def __iter__(self):
        return self

    def __next__(self):
        with self._changed:
            self._changed.wait_for(lambda: self._requests or self._ended)
            if self._requests:
                return self._requests.pop(0)
            raise StopIteration


def _output_request(sizes, request_size, **fields):
    parameters = [test_pb2.ResponseParameters(size=size) for size in sizes]
    return test_pb2.StreamingOutputCallRequest(
        response_parameters=parameters, payload=_payload(request_size), **fields
    )


def _large_request(**fields):
    return test_pb2.SimpleRequest(response_size=_RESPONSE_SIZE, payload=_payload(_REQUEST_SIZE), **fields)


def _bool(value):
    return test_pb2.BoolValue(value=value)


def empty_unary(stub, *_):
    _expect_equal("the response", stub.EmptyCall(test_pb2.Empty(), timeout=_TIMEOUT), test_pb2.Empty())


def large_unary(stub, *_):
    _expect_zeros(stub.UnaryCall(_large_request(), timeout=_TIMEOUT), _RESPONSE_SIZE)


def client_streaming(stub, *_):
    requests = (test_pb2.StreamingInputCallRequest(payload=_payload(size)) for size in _REQUEST_SIZES)
    response = stub.StreamingInputCall(requests, timeout=_TIMEOUT)
    _expect_equal("aggregated_payload_size", response.aggregated_payload_size, 74922)


def server_streaming(stub, *_):
    responses = list(stub.StreamingOutputCall(_output_request(_RESPONSE_SIZES, 0), timeout=_TIMEOUT))
    _expect_equal("responses", len(responses), 4)
    for response, size in zip(responses, _RESPONSE_SIZES):
        _expect_zeros(response, size)


def ping_pong(stub, *_):
    requests = _Requests()
    call = stub.FullDuplexCall(requests, timeout=_TIMEOUT)
    try:
        for request_size, response_size in zip(_REQUEST_SIZES, _RESPONSE_SIZES):
            requests.write(_output_request([response_size], request_size))
            _expect_zeros(next(call), response_size)
    finally:
        requests.end()
    _expect_equal("responses after the end", list(call), [])


def empty_stream(stub, *_):
    _expect_equal("responses", list(stub.FullDuplexCall(iter(()), timeout=_TIMEOUT)), [])


def timeout_on_sleeping_server(stub, *_):
    requests = _Requests()
    requests.write(_output_request([], 27182))
    try:
        _expect_failure(
            grpc.StatusCode.DEADLINE_EXCEEDED, lambda: list(stub.FullDuplexCall(requests, timeout=0.001))
        )
    finally:
        requests.end()


def cancel_after_begin(stub, *_):
    requests = _Requests()
    call = stub.StreamingInputCall.future(requests, timeout=_TIMEOUT)
    call.cancel()
    requests.end()
    _expect_equal("the code", call.code(), grpc.StatusCode.CANCELLED)


def cancel_after_first_response(stub, *_):
    requests = _Requests()
    requests.write(_output_request([31415], 27182))
    call = stub.FullDuplexCall(requests, timeout=_TIMEOUT)
    try:
        _expect_zeros(next(call), 31415)
        call.cancel()
        _expect_failure(grpc.StatusCode.CANCELLED, lambda: next(call))
    finally:
        requests.end()


def status_code_and_message(stub, *_):
    unary = test_pb2.SimpleRequest(response_status=_STATUS)
    stream = [_output_request([], 0, response_status=_STATUS)]
    for call in (
        lambda: stub.UnaryCall(unary, timeout=_TIMEOUT),
        lambda: list(stub.FullDuplexCall(iter(stream), timeout=_TIMEOUT)),
    ):
        _expect_equal("the message", _expect_failure(grpc.StatusCode.UNKNOWN, call).details(), _STATUS.message)


def special_status_message(stub, *_):
    request = test_pb2.SimpleRequest(response_status=_SPECIAL)
    error = _expect_failure(grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(request, timeout=_TIMEOUT))
    _expect_equal("the message", error.details(), _SPECIAL.message)


def custom_metadata(stub, *_):
    response, call = stub.UnaryCall.with_call(_large_request(), metadata=_ECHOED, timeout=_TIMEOUT)
    _expect_zeros(response, _RESPONSE_SIZE)
    _expect_echoes(call)
    request = _output_request([_RESPONSE_SIZE], _REQUEST_SIZE)
    call = stub.FullDuplexCall(iter([request]), metadata=_ECHOED, timeout=_TIMEOUT)
    responses = list(call)
    _expect_equal("responses", len(responses), 1)
    _expect_zeros(responses[0], _RESPONSE_SIZE)
    _expect_echoes(call)


def _expect_echoes(call):
    sides = (call.initial_metadata(), call.trailing_metadata())
    for (key, value), metadata in zip(_ECHOED, sides):
        _expect_equal(key, [found for name, found in metadata if name == key], [value])


def unimplemented_method(stub, *_):
    _expect_failure(
        grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(test_pb2.Empty(), timeout=_TIMEOUT)
    )


def unimplemented_service(_stub, channel, *_):
    stranger = test_pb2_grpc.UnimplementedServiceStub(channel)
    _expect_failure(
        grpc.StatusCode.UNIMPLEMENTED, lambda: stranger.UnimplementedCall(test_pb2.Empty(), timeout=_TIMEOUT)
    )


def per_rpc_creds(stub, _channel, flags, _connect):
    """Not with a token of Google's, as in their cloud, but with one that the key file holds."""
    with open(flags.service_account_key_file, encoding="utf-8") as file:
        account = json.load(file)
    request = test_pb2.SimpleRequest(fill_username=True, fill_oauth_scope=True)
    credentials = grpc.access_token_call_credentials(account["access_token"])
    response = stub.UnaryCall(request, credentials=credentials, timeout=_TIMEOUT)
    _expect_equal("username", response.username, account["client_email"])
    _expect_equal("oauth_scope", response.oauth_scope, flags.oauth_scope)


def client_compressed_unary(stub, *_):
    def call(expected, compression=None):
        request = _large_request(expect_compressed=_bool(expected))
        _expect_zeros(stub.UnaryCall(request, compression=compression, timeout=_TIMEOUT), _RESPONSE_SIZE)

    _expect_failure(grpc.StatusCode.INVALID_ARGUMENT, lambda: call(True))
    call(True, grpc.Compression.Gzip)
    call(False)


def server_compressed_unary(stub, *_):
    for value in (True, False):
        request = _large_request(response_compressed=_bool(value))
        _expect_zeros(stub.UnaryCall(request, timeout=_TIMEOUT), _RESPONSE_SIZE)


def client_compressed_streaming(stub, *_):
    requests = [
        test_pb2.StreamingInputCallRequest(expect_compressed=_bool(True), payload=_payload(27182)),
        test_pb2.StreamingInputCallRequest(expect_compressed=_bool(False), payload=_payload(45904)),
    ]
    _expect_failure(
        grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.StreamingInputCall(iter(requests[:1]), timeout=_TIMEOUT)
    )
    response = stub.StreamingInputCall(iter(requests), compression=grpc.Compression.Gzip, timeout=_TIMEOUT)
    _expect_equal("aggregated_payload_size", response.aggregated_payload_size, 73086)


def server_compressed_streaming(stub, *_):
    sizes = (31415, 92653)
    parameters = [
        test_pb2.ResponseParameters(size=size, compressed=_bool(size == sizes[0])) for size in sizes
    ]
    request = test_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    responses = list(stub.StreamingOutputCall(request, timeout=_TIMEOUT))
    _expect_equal("responses", len(responses), 2)
    for response, size in zip(responses, sizes):
        _expect_zeros(response, size)


def rpc_soak(stub, _channel, flags, _connect):
    _soak(flags, lambda call: call(stub))


def channel_soak(_stub, _channel, flags, connect):
    def over_new_channel(call):
        with connect(flags) as channel:
            call(test_pb2_grpc.TestServiceStub(channel))

    _soak(flags, over_new_channel)


def _soak(flags, with_stub):
    """The same large call again and again."""
    request = test_pb2.SimpleRequest(
        response_size=flags.soak_response_size, payload=_payload(flags.soak_request_size)
    )

    def timed_call(stub):
        begun = time.monotonic()
        _expect_zeros(stub.UnaryCall(request, timeout=_TIMEOUT), flags.soak_response_size)
        took = round((time.monotonic() - begun) * 1000)
        limit = flags.soak_per_iteration_max_acceptable_latency_ms
        assert took <= limit, f"a call took {took} ms, the limit is {limit}"

    stop_at = time.monotonic() + flags.soak_overall_timeout_seconds
    failures = []
    for done in range(flags.soak_iterations):
        assert time.monotonic() < stop_at, f"the time was up after {done} of {flags.soak_iterations} calls"
        try:
            with_stub(timed_call)
        except (AssertionError, grpc.RpcError) as error:
            failures.append(error)
        time.sleep(flags.soak_min_time_ms_between_rpcs / 1000)
    assert len(failures) <= flags.soak_max_failures, f"{len(failures)} calls failed: {failures[0]}"


CASES = {
    case.__name__: case
    for case in (
        empty_unary,
        large_unary,
        client_streaming,
        server_streaming,
        ping_pong,
        empty_stream,
        timeout_on_sleeping_server,
        cancel_after_begin,
        cancel_after_first_response,
        status_code_and_message,
        special_status_message,
        custom_metadata,
        unimplemented_method,
        unimplemented_service,
        per_rpc_creds,
        client_compressed_unary,
        server_compressed_unary,
        client_compressed_streaming,
        server_compressed_streaming,
        rpc_soak,
        channel_soak,
    )
}
