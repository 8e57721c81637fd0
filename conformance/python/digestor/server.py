"""The Digestor on grpcio."""

import hashlib

import digestor_pb2
import digestor_pb2_grpc
from program import address, say, serve


class Digestor(digestor_pb2_grpc.DigestorServicer):
    def GetDigestor(self, request, context):
        digest = hashlib.sha256(request.ToDigest.encode()).hexdigest()
        say(digest)
        return digestor_pb2.DigestedMessage(Digested=digest, WasDigest=True)


(where,) = address(5001)
serve(
    where,
    lambda server: digestor_pb2_grpc.add_DigestorServicer_to_server(Digestor(), server),
    lambda port: "Digestor Server running ...",
    workers=5,
)
say("Digestor Server Stopped ...")
