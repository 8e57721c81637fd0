"""Echo on grpcio."""

import echo_pb2
import echo_pb2_grpc
from program import address, serve


class Echo(echo_pb2_grpc.EchoServicer):
    def Reply(self, request, context):
        return echo_pb2.EchoReply(message=f"You said: {request.message}")


(where,) = address(50051)
serve(
    where,
    lambda server: echo_pb2_grpc.add_EchoServicer_to_server(Echo(), server),
    lambda port: f"Server started, listening on {port}",
    workers=10,
)
