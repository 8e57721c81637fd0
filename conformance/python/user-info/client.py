"""Has UserInfo greet `you`."""

import example_pb2
import example_pb2_grpc
from program import address, call, say


def make_calls(channel):
    stub = example_pb2_grpc.UserInfoStub(channel)
    say("Will try to greet world ...")
    reply = stub.Info(example_pb2.request(name="you"))
    say(f"Greeter client received: {reply.message}")


(where,) = address(50051)
call(where, make_calls)
