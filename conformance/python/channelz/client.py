"""Walks through a server's channelz by grpcio-channelz's stub: a line of JSON for each answer, by its way from the top."""

import json
import sys

import grpc
from google.protobuf import json_format
from grpc_channelz.v1 import channelz_pb2 as messages
from grpc_channelz.v1.channelz_pb2_grpc import ChannelzStub
from program import call, say

(port,) = sys.argv[1:]


def tell(what, response):
    content = json_format.MessageToDict(response, preserving_proto_field_name=True)
    say(f"{what} {json.dumps(content, sort_keys=True)}")


def make_calls(channel):
    look = ChannelzStub(channel)
    # Each kind in pages of one, to the end.
    start, end = 0, False
    while not end:
        page = look.GetTopChannels(messages.GetTopChannelsRequest(start_channel_id=start, max_results=1))
        end = page.end
        for each in page.channel:
            start = each.ref.channel_id + 1
            tell("channel", look.GetChannel(messages.GetChannelRequest(channel_id=each.ref.channel_id)))
            for ref in each.subchannel_ref:
                found = look.GetSubchannel(messages.GetSubchannelRequest(subchannel_id=ref.subchannel_id))
                tell("subchannel", found)
                for socket in found.subchannel.socket_ref:
                    tell("socket", look.GetSocket(messages.GetSocketRequest(socket_id=socket.socket_id)))
    start, end = 0, False
    while not end:
        page = look.GetServers(messages.GetServersRequest(start_server_id=start, max_results=1))
        end = page.end
        for each in page.server:
            start = each.ref.server_id + 1
            tell("server", look.GetServer(messages.GetServerRequest(server_id=each.ref.server_id)))
            for ref in each.listen_socket:
                tell("listening", look.GetSocket(messages.GetSocketRequest(socket_id=ref.socket_id)))
            request = messages.GetServerSocketsRequest(server_id=each.ref.server_id)
            for ref in look.GetServerSockets(request).socket_ref:
                found = look.GetSocket(messages.GetSocketRequest(socket_id=ref.socket_id, summary=True))
                tell("accepted", found)
    for name, request in (
        ("GetChannel", messages.GetChannelRequest(channel_id=start)),
        ("GetSocket", messages.GetSocketRequest(socket_id=2**62)),
        ("GetTopChannels", messages.GetTopChannelsRequest(max_results=-1)),
    ):
        try:
            getattr(look, name)(request)
        except grpc.RpcError as error:
            say(f"{name} {error.code().name}")


call(f"127.0.0.1:{port}", make_calls)
