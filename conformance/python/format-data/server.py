"""FormatData on grpcio."""

import data_pb2
import data_pb2_grpc
from program import address, serve


class FormatData(data_pb2_grpc.FormatDataServicer):
    def DoFormat(self, request, context):
        return data_pb2.Data(text=request.text.upper())


(where,) = address(8080)
serve(
    where,
    lambda server: data_pb2_grpc.add_FormatDataServicer_to_server(FormatData(), server),
    lambda port: f"Server started, listening on {port}",
    workers=4,
)
