"""Serves grpcio-health-checking's servicer, and a method by which a client says how a service fares; prints its port."""

import grpc
from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from program import serve

health = HealthServicer()


class Control(grpc.GenericRpcHandler):
    def service(self, handler_call_details):
        if handler_call_details.method != "/health.Control/Set":
            return None

        def set_status(request, context):
            service, status = request.decode().split()
            health.set(service, HealthCheckResponse.ServingStatus.Value(status))
            return b""

        return grpc.unary_unary_rpc_method_handler(set_status)


def add(server):
    add_HealthServicer_to_server(health, server)
    server.add_generic_rpc_handlers((Control(),))


serve("127.0.0.1:0", add, str)
