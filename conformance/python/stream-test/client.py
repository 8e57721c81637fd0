"""Sends StreamTest a stream that says `close`, then one that does not."""

import example_pb2
import example_pb2_grpc
from program import address, call, say


def requests(*messages):
    for message in messages:
        yield example_pb2.request(message=message)


def make_calls(channel):
    stub = example_pb2_grpc.StreamTestStub(channel)
    say("-------------- RecordRoute --------------")
    say(stub.ClientStream(requests("close")).message)
    say(stub.ClientStream(requests("a", "b")).message)


(where,) = address(50051)
call(where, make_calls)
