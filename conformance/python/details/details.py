"""A status with all ten standard details, and what is to be read in one; the same on both sides of the wire."""

import json

from google.protobuf import any_pb2, duration_pb2, json_format
from google.rpc import error_details_pb2 as rpc
from google.rpc import status_pb2

METHOD = "/details.Details/Fail"

DETAILS = (
    rpc.ErrorInfo(reason="API_DISABLED", domain="example.com", metadata={"service": "a", "größe": "✓"}),
    rpc.RetryInfo(retry_delay=duration_pb2.Duration(seconds=90, nanos=500_000_000)),
    rpc.DebugInfo(stack_entries=["at a", "at b"], detail="deep down"),
    rpc.QuotaFailure(
        violations=[
            rpc.QuotaFailure.Violation(
                subject="project:p",
                description="too many",
                api_service="compute.example.com",
                quota_metric="cpus",
                quota_id="CPUS",
                quota_dimensions={"region": "europe"},
                quota_value=2**53 + 1,
                future_quota_value=0,
            )
        ]
    ),
    rpc.PreconditionFailure(
        violations=[rpc.PreconditionFailure.Violation(type="TOS", subject="terms", description="not agreed to")]
    ),
    rpc.BadRequest(
        field_violations=[
            rpc.BadRequest.FieldViolation(field="name", description="must not be empty"),
            rpc.BadRequest.FieldViolation(
                field="age",
                description="is too high",
                reason="TOO_HIGH",
                localized_message=rpc.LocalizedMessage(locale="de", message="zu hoch"),
            ),
        ]
    ),
    rpc.RequestInfo(request_id="4711", serving_data="shard 3"),
    rpc.ResourceInfo(resource_type="table", resource_name="users", owner="ada", description="is locked"),
    rpc.Help(links=[rpc.Help.Link(description="read on", url="https://example.com/help")]),
    rpc.LocalizedMessage(locale="de-CH", message="Das geht nicht"),
)


def packed():
    status = status_pb2.Status(code=9, message="all ten")
    for detail in DETAILS:
        wrapped = any_pb2.Any()
        wrapped.Pack(detail)
        status.details.append(wrapped)
    return status


def lines(status):
    """What is in it: a line a detail, in protobuf's JSON with sorted keys."""
    found = [f"{status.code} {status.message}"]
    for wrapped in status.details:
        name = wrapped.TypeName()
        detail = getattr(rpc, name.removeprefix("google.rpc."))()
        wrapped.Unpack(detail)
        content = json.dumps(json_format.MessageToDict(detail), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        found.append(f"{name} {content}")
    return found
