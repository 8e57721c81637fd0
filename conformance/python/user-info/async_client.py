"""Has UserInfo greet `you`, on asyncio."""

import asyncio

import example_pb2
import example_pb2_grpc
import grpc
from program import address, say


async def main():
    (where,) = address(50051)
    async with grpc.aio.insecure_channel(where) as channel:
        stub = example_pb2_grpc.UserInfoStub(channel)
        say("Will try to greet world ...")
        reply = await stub.Info(example_pb2.request(name="you"))
        say(f"Greeter client received: {reply.message}")


asyncio.run(main())
