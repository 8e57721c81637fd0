"""Serves grpcio's reflection, of itself and of the health service; prints its port."""

from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection
from program import serve


def add(server):
    add_HealthServicer_to_server(HealthServicer(), server)
    reflection.enable_server_reflection(["grpc.health.v1.Health", reflection.SERVICE_NAME], server)


serve("127.0.0.1:0", add, str)
