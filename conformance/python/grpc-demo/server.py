"""GRPCDemo on grpcio: the four kinds of call."""

from threading import Thread

import demo_pb2
import demo_pb2_grpc
from program import address, say, serve

SERVER_ID = 1


def response(text):
    return demo_pb2.Response(server_id=SERVER_ID, response_data=text)


class GRPCDemo(demo_pb2_grpc.GRPCDemoServicer):
    def SimpleMethod(self, request, context):
        say(f"SimpleMethod called by client({request.client_id}) the message: {request.request_data}")
        return response("Python server SimpleMethod Ok!!!!")

    def ClientStreamingMethod(self, request_iterator, context):
        say("ClientStreamingMethod called by client...")
        for request in request_iterator:
            say(f"recv from client({request.client_id}), message= {request.request_data}")
        return response("Python server ClientStreamingMethod ok")

    def ServerStreamingMethod(self, request, context):
        say(f"ServerStreamingMethod called by client({request.client_id}), message= {request.request_data}")
        for number in range(5):
            yield response(f"send by Python server, message={number}")

    def BidirectionalStreamingMethod(self, request_iterator, context):
        say("BidirectionalStreamingMethod called by client...")

        def read():
            for request in request_iterator:
                say(f"recv from client({request.client_id}), message= {request.request_data}")

        reader = Thread(target=read)
        reader.start()
        for number in range(5):
            yield response(f"send by Python server, message= {number}")
        reader.join()


(where,) = address(23333)
serve(
    where,
    lambda server: demo_pb2_grpc.add_GRPCDemoServicer_to_server(GRPCDemo(), server),
    lambda port: "------------------start Python GRPC server",
)
