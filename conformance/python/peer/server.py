"""peer.proto on grpcio."""

import threading

import peer_pb2
import peer_pb2_grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status
from program import address, serve


class Peer(peer_pb2_grpc.PeerServicer):
    def __init__(self):
        self.wait_state = "none"

    def Echo(self, request, context):
        return request

    def Reflect(self, request, context):
        return request

    def Wait(self, request, context):
        ended = threading.Event()
        if not context.add_callback(ended.set):
            ended.set()
        self.wait_state = "waiting"
        ended.wait(timeout=30)
        self.wait_state = "ended"
        return peer_pb2.Nothing()

    def WhatBecameOfWait(self, request, context):
        return peer_pb2.Text(text=self.wait_state)

    def TellTimeLeft(self, request, context):
        return peer_pb2.Number(value=int(context.time_remaining() * 1000))

    def ExchangeMetadata(self, request, context):
        metadata = context.invocation_metadata()
        context.send_initial_metadata([(key, value) for key, value in metadata if key == "x-text"])
        context.set_trailing_metadata([(key, value) for key, value in metadata if key == "x-bytes-bin"])
        return peer_pb2.Nothing()

    def Count(self, request, context):
        for value in range(request.count):
            yield peer_pb2.Number(value=value)

    def Sum(self, request_iterator, context):
        count = total = 0
        for number in request_iterator:
            count += 1
            total += number.value
        return peer_pb2.Total(count=count, sum=total)

    def Abort(self, request, context):
        status = status_pb2.Status(code=request.code, message=request.message)
        if request.HasField("detail"):
            detail = any_pb2.Any()
            detail.Pack(peer_pb2.Text(text=request.detail))
            status.details.append(detail)
        context.abort_with_status(rpc_status.to_status(status))


(where,) = address(0)
serve(
    where,
    lambda server: peer_pb2_grpc.add_PeerServicer_to_server(Peer(), server),
    lambda port: f"Server started, listening on {port}",
)
