"""The wire contract with released clients: names, numbers and types, and what the service answers to."""

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor as Field

from contract import messages

TYPES = {
    Field.TYPE_STRING: "string",
    Field.TYPE_BYTES: "bytes",
    Field.TYPE_INT32: "int32",
    Field.TYPE_DOUBLE: "double",
    Field.TYPE_BOOL: "bool",
}

MESSAGES = {
    "StreamRequest": """1 prompt string, 2 screenshot optional string, 3 screen_width optional int32,
        4 screen_height optional int32, 5 hardware_id string, 6 session_id string, 7 phase RequestPhase,
        8 chunk_seq int32, 9 chunk_text optional string""",
    "StreamResponse": """1 text_chunk one string, 2 audio_chunk one AudioChunk, 3 end_message one string,
        4 error_message one string, 5 action_message one ActionMessage,
        6 browser_progress one BrowserProgressMessage""",
    "AudioChunk": """1 audio_data bytes, 2 dtype string, 3 shape repeated int32, 4 sample_rate int32,
        5 channels int32""",
    "ActionMessage": "1 action_json string, 2 session_id string, 3 feature_id optional string",
    "InterruptRequest": "1 hardware_id string",
    "InterruptResponse": "1 success bool, 2 interrupted_sessions repeated string, 3 message string",
    "WelcomeRequest": "1 text string, 2 session_id string, 3 voice string, 4 language string",
    "WelcomeResponse": """1 audio_chunk one AudioChunk, 2 metadata one WelcomeMetadata, 3 end_message one string,
        4 error_message one string""",
    "WelcomeMetadata": """1 method string, 2 duration_sec double, 3 sample_rate int32, 4 channels int32,
        5 dtype string""",
    "UsageRequest": """1 hardware_id string, 2 session_id string, 3 source string, 4 input_tokens int32,
        5 output_tokens int32, 6 model string""",
    "UsageResponse": "1 success bool, 2 message string",
    "BrowserProgressMessage": """1 type BrowserEventType, 2 task_id string, 3 step_number optional int32,
        4 description optional string, 5 url optional string, 6 action optional string, 7 timestamp string,
        8 error optional string, 9 details optional BrowserProgressDetails""",
    "BrowserProgressDetails": "1 duration_sec double, 2 actions repeated string, 3 metadata map",
}

ENUMS = {
    "RequestPhase": ["REQUEST_PHASE_UNSPECIFIED", "REQUEST_PHASE_COLLECT", "REQUEST_PHASE_COMMIT"],
    "BrowserEventType": [
        "BROWSER_TASK_STARTED",
        "BROWSER_STEP_STARTED",
        "BROWSER_STEP_COMPLETED",
        "BROWSER_ACTION_EXECUTED",
        "BROWSER_TASK_COMPLETED",
        "BROWSER_TASK_FAILED",
        "BROWSER_TASK_CANCELLED",
    ],
}

METHODS = {
    "StreamAudio": ("StreamRequest", "StreamResponse", True),
    "InterruptSession": ("InterruptRequest", "InterruptResponse", False),
    "GenerateWelcomeAudio": ("WelcomeRequest", "WelcomeResponse", True),
    "ReportUsage": ("UsageRequest", "UsageResponse", False),
}


def written(field: Field) -> str:
    kind = TYPES.get(field.type) or (field.message_type or field.enum_type).name
    if field.message_type and field.message_type.GetOptions().map_entry:
        return f"{field.number} {field.name} map"
    owner = field.containing_oneof
    # An optional field is the only member of a oneof that the compiler makes.
    label = (
        "repeated " if field.is_repeated else "" if not owner else "one " if owner.name == "content" else "optional "
    )
    return f"{field.number} {field.name} {label}{kind}"


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_the_fields_that_are_on_the_wire(name):
    fields = messages.DESCRIPTOR.message_types_by_name[name].fields
    assert [written(field) for field in fields] == [" ".join(part.split()) for part in MESSAGES[name].split(",")]


def test_the_contract_has_no_other_messages():
    assert set(messages.DESCRIPTOR.message_types_by_name) == set(MESSAGES)


@pytest.mark.parametrize("name", ENUMS)
def test_an_enumeration_counts_from_zero_in_this_order(name):
    values = messages.DESCRIPTOR.enum_types_by_name[name].values
    assert [(value.name, value.number) for value in values] == [(word, n) for n, word in enumerate(ENUMS[name])]


def test_the_service_has_the_four_methods():
    service = messages.DESCRIPTOR.services_by_name["StreamingService"]
    assert service.full_name == "streaming.StreamingService"
    assert {
        method.name: (method.input_type.name, method.output_type.name, method.server_streaming)
        for method in service.methods
    } == METHODS


def test_a_method_that_is_not_in_the_contract_is_unimplemented(serve):
    server = serve()
    with pytest.raises(grpc.RpcError) as refusal:
        server.client.call_unknown_method()
    assert refusal.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert server.is_healthy()
