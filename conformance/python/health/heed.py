"""A channel that heeds how a service fares (gRPC A17): prints each state that it comes to, until its server has gone."""

import json
import sys
from threading import Event

import grpc
from program import say

port, service = sys.argv[1:]
config = {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": service}}
gone = Event()
been_ready = False


def on_state(state):
    global been_ready
    say(state.name)
    been_ready = been_ready or state is grpc.ChannelConnectivity.READY
    if been_ready and state is grpc.ChannelConnectivity.IDLE:
        gone.set()


with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.service_config", json.dumps(config))]) as channel:
    channel.subscribe(on_state, try_to_connect=True)
    gone.wait(timeout=30)
