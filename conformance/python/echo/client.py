"""Says `Hello World!` to Echo."""

import echo_pb2
import echo_pb2_grpc
from program import address, call, say


def make_calls(channel):
    stub = echo_pb2_grpc.EchoStub(channel)
    reply = stub.Reply(echo_pb2.EchoRequest(message="Hello World!"))
    say(reply.message)


(where,) = address(50051)
call(where, make_calls)
