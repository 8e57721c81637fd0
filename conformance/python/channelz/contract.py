"""Prints what grpcio-channelz's contract has: a line for each field, enum value and rpc."""

from google.protobuf import descriptor_pb2
from grpc_channelz.v1 import channelz_pb2

contract = descriptor_pb2.FileDescriptorProto()
channelz_pb2.DESCRIPTOR.CopyToProto(contract)


def visit(message, scope):
    name = scope + message.name
    for field in message.field:
        print(f"{name} {field.number} {field.name} {field.label} {field.type} {field.type_name}")
    for enum in message.enum_type:
        for value in enum.value:
            print(f"{name}.{enum.name} {value.number} {value.name}")
    for nested in message.nested_type:
        visit(nested, f"{name}.")


for message in contract.message_type:
    visit(message, "")
for service in contract.service:
    for method in service.method:
        print(f"{service.name} {method.name} {method.input_type} {method.output_type}")
