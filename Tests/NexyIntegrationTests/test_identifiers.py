"""Who asks and for which session: what is refused, with which words and which status."""

import uuid

import grpc
import pytest

from client import new_session
from contract import COLLECT, COMMIT, UNSPECIFIED
from script import prompt_for, reply

DEVICE_REFUSAL = "hardware_id is required and must be valid (not empty or 'unknown')"
SESSION_REFUSAL = "session_id is required and must be provided by client"
PROMPT_REFUSAL = "Empty prompt: text field is required"
PHASE_REFUSAL = "unsupported request phase: REQUEST_PHASE_UNSPECIFIED"

REPLIES = {"hello": reply("Hello to you there.")}

NO_DEVICES = ["", " ", "   ", "\t\n", "unknown", "Unknown", "UNKNOWN", " UNKNOWN ", "uNkNoWn\n"]
DEVICES = ["a", "unknown-mac", "7F2C4A4E-9B1C-5D3E-8F00-1234567890AB", "test device 1", "устройство", "x" * 300]

# Python's own parser says which of these are identifiers of version 4: released clients were checked by it.
V4 = "3f2b8c1d-9a4e-4c6f-8b2a-1d5e7f9a0b3c"
SPELLINGS = [
    V4,
    V4.upper(),
    V4.replace("-", ""),
    f"{{{V4}}}",
    f"urn:uuid:{V4}",
    f"urn:uuid:{{{V4}}}",
    f"uuid:{V4}",
    f"{{{V4.replace('-', '')}}}",
    f"urn:uuid:{V4.replace('-', '').upper()}",
    "-".join(V4.replace("-", "")),
    f"{{{V4}",
    f"-{V4}-",
    f"{V4}}}",
    "",
    " ",
    "welcome",
    "unknown",
    V4[:-1],
    V4 + "0",
    f" {V4}",
    f"{V4}\n",
    V4.replace("3f2b", "3g2b"),
    f"URN:UUID:{V4}",
    f"({V4})",
    "Ⅳ" * 32,
    "٣" * 32,
    str(uuid.uuid1()),
    str(uuid.uuid3(uuid.NAMESPACE_DNS, "nexy")),
    str(uuid.uuid5(uuid.NAMESPACE_DNS, "nexy")),
    "0190163d-8694-739b-aea5-966c26f8ad91",
    str(uuid.UUID(int=0)),
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    # The version's digit, but of another variant.
    "3f2b8c1d-9a4e-4c6f-0b2a-1d5e7f9a0b3c",
    "3f2b8c1d-9a4e-4c6f-cb2a-1d5e7f9a0b3c",
]


def is_version_4(text: str) -> bool:
    try:
        return uuid.UUID(text).version == 4
    except ValueError:
        return False


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


def assert_refused(heard, text: str):
    assert heard.kinds == ["error_message"], heard
    assert heard.errors == [text]
    assert (heard.code, heard.details) == (grpc.StatusCode.INVALID_ARGUMENT, text)


@pytest.mark.parametrize("phase", [COMMIT, COLLECT, UNSPECIFIED])
@pytest.mark.parametrize("device", NO_DEVICES, ids=repr)
def test_a_request_without_a_device_is_refused(stage, device, phase):
    assert_refused(stage.play("hello", device=device, phase=phase), DEVICE_REFUSAL)


@pytest.mark.parametrize("device", DEVICES, ids=lambda text: repr(text[:20]))
def test_any_other_word_names_a_device(stage, device):
    assert stage.play("hello", device=device).code == grpc.StatusCode.OK


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda text: ascii(text)[:50])
def test_a_session_is_a_uuid_of_version_4_in_any_spelling_that_python_reads(stage, spelling):
    heard = stage.play("hello", session=spelling)
    if is_version_4(spelling):
        assert heard.code == grpc.StatusCode.OK, heard
    else:
        assert_refused(heard, SESSION_REFUSAL)


def test_a_collect_request_needs_a_session_too(stage):
    assert_refused(stage.client.turn("", phase=COLLECT, chunk_text="Hello", session="welcome"), SESSION_REFUSAL)


def test_the_device_is_judged_before_the_session_the_phase_and_the_prompt(stage):
    assert_refused(stage.client.turn("", device="", session="", phase=7), DEVICE_REFUSAL)


def test_the_session_is_judged_before_the_phase_and_the_prompt(stage):
    assert_refused(stage.client.turn("", session="", phase=7), SESSION_REFUSAL)


@pytest.mark.parametrize("phase", [7, 3, 100, -1])
def test_an_unknown_phase_is_refused(stage, phase):
    assert_refused(stage.play("hello", phase=phase), PHASE_REFUSAL)


@pytest.mark.parametrize("phase", [COMMIT, UNSPECIFIED])
@pytest.mark.parametrize("prompt", ["", " ", "\n\t ", "\u00a0\u2003"], ids=ascii)
def test_an_empty_prompt_is_refused(stage, prompt, phase):
    assert_refused(stage.client.turn(prompt, phase=phase), PROMPT_REFUSAL)


def test_a_refusal_leaves_the_session_free(stage):
    session, device = new_session(), "device-of-two-minds"
    assert_refused(stage.client.turn("", session=session, device=device), PROMPT_REFUSAL)
    assert stage.client.turn(prompt_for("hello"), session=session, device=device).text == "Hello to you there."


@pytest.mark.parametrize("device", NO_DEVICES, ids=repr)
def test_an_interrupt_without_a_device_does_not_succeed(stage, device):
    # The predecessor answered in the message's own fields; a status is as good, as long as the words are the same.
    try:
        answer = stage.client.interrupt(device)
    except grpc.RpcError as refusal:
        assert (refusal.code(), refusal.details()) == (grpc.StatusCode.INVALID_ARGUMENT, DEVICE_REFUSAL)
    else:
        assert (answer.success, answer.message) == (False, DEVICE_REFUSAL)
