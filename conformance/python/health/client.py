"""Asks a server how it fares, by grpcio-health-checking's stub: once, for all, and watching until the server ends it."""

import sys

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse, HealthListRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from program import call, say

port, service, unknown = sys.argv[1:]


def name(response):
    return HealthCheckResponse.ServingStatus.Name(response.status)


def make_calls(channel):
    health = HealthStub(channel)
    for each in ("", service, unknown):
        try:
            say(f"check {each}: {name(health.Check(HealthCheckRequest(service=each)))}")
        except grpc.RpcError as error:
            say(f"check {each}: {error.code().name}")
    statuses = health.List(HealthListRequest()).statuses
    say(f"list: {', '.join(f'{each} {name(statuses[each])}' for each in sorted(statuses))}")
    try:
        for response in health.Watch(HealthCheckRequest(service=service)):
            say(f"watch: {name(response)}")
    except grpc.RpcError as error:
        say(f"watch: {error.code().name}")


call(f"127.0.0.1:{port}", make_calls)
