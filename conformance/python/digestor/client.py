"""Has the Digestor digest `Test`."""

import digestor_pb2
import digestor_pb2_grpc
from program import address, call, say


def make_calls(channel):
    stub = digestor_pb2_grpc.DigestorStub(channel)
    reply = stub.GetDigestor(digestor_pb2.DigestMessage(ToDigest="Test"))
    say(f'Digested: "{reply.Digested}"')
    say(f"WasDigest: {str(reply.WasDigest).lower()}")


(where,) = address(5001)
call(where, make_calls)
