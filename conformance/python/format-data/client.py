"""Has FormatData format `hello,world!`."""

import data_pb2
import data_pb2_grpc
from program import address, call, say


def make_calls(channel):
    stub = data_pb2_grpc.FormatDataStub(channel)
    reply = stub.DoFormat(data_pb2.Data(text="hello,world!"))
    say(f"received: {reply.text}")


(where,) = address(8080)
call(where, make_calls)
