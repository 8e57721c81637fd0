"""StreamTest on grpcio."""

import example_pb2
import example_pb2_grpc
from program import address, say, serve


class StreamTest(example_pb2_grpc.StreamTestServicer):
    def ClientStream(self, request_iterator, context):
        for request in request_iterator:
            say(request.message)
            if request.message == "close":
                return example_pb2.response(message="close!😢")
        return example_pb2.response(message="ok!🐧")


(where,) = address(50051)
serve(
    where,
    lambda server: example_pb2_grpc.add_StreamTestServicer_to_server(StreamTest(), server),
    lambda port: f"Server started, listening on {port}",
)
