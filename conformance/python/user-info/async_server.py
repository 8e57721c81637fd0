"""UserInfo on grpcio's asyncio."""

import example_pb2
import example_pb2_grpc
from program import address, serve_async


class UserInfo(example_pb2_grpc.UserInfoServicer):
    async def Info(self, request, context):
        return example_pb2.response(message=f"Hello, {request.name}!")


(where,) = address(50051)
serve_async(
    where,
    lambda server: example_pb2_grpc.add_UserInfoServicer_to_server(UserInfo(), server),
    lambda port: f"Server started, listening on {port}",
)
