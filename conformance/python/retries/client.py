"""Calls the service of server.py, wherever it is, by a retry policy, on grpcio. Prints each answer, or how a call failed."""

import json
import sys

import grpc

policy = {
    "maxAttempts": 4,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.02s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
config = {"methodConfig": [{"name": [{}], "retryPolicy": policy}]}
requests = [b"a", b"b", b"c"]


def answers(channel, kind, metadata):
    path = f"/retries.Retries/{kind}"
    if kind == "Unary":
        return [channel.unary_unary(path)(b"abc", timeout=20, metadata=metadata)]
    if kind == "ClientStreaming":
        return [channel.stream_unary(path)(iter(requests), timeout=20, metadata=metadata)]
    if kind == "ServerStreaming":
        return list(channel.unary_stream(path)(b"abc", timeout=20, metadata=metadata))
    return list(channel.stream_stream(path)(iter(requests), timeout=20, metadata=metadata))


with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=[("grpc.service_config", json.dumps(config))]) as channel:
    for case in json.loads(sys.argv[2]):
        metadata = [(key, case[key]) for key in ("call", "fail", "pushback") if key in case]
        try:
            answer = b" ".join(answers(channel, case["kind"], metadata)).decode()
        except grpc.RpcError as error:
            answer = f"{error.code().name}: {error.details()}"
        print(f"{case['call']}: {answer}", flush=True)
