"""What an OpenAI server takes as a request, and what it calls nonsense.

Chat: https://platform.openai.com/docs/api-reference/chat/create
Images as data URLs: https://platform.openai.com/docs/guides/images-vision
Speech: https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

import base64
import binascii
import re

from .images import media_type
from .wire import Request

CHAT_FIELDS = {
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "model",
    "parallel_tool_calls",
    "reasoning_effort",
    "response_format",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
    "user",
}
SPEECH_FIELDS = {"input", "instructions", "model", "response_format", "speed", "stream_format", "voice"}
ROLES = {"system", "developer", "user", "assistant", "tool"}
FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
DATA_URL = re.compile(r"data:(?P<type>[a-z]+/[a-z]+);base64,(?P<data>.*)", re.DOTALL)


class Nonsense(Exception):
    """A request that is none, with the words of the real server."""


def check_chat(request: Request) -> None:
    """Raises `Nonsense` for what the real server would refuse."""
    body = _body(request, CHAT_FIELDS, ["model", "messages"])
    messages = body["messages"]
    _require(isinstance(messages, list) and messages, "Invalid 'messages': empty array.")
    for message in messages:
        _check_message(message)
    _require(messages[-1]["role"] in ("user", "tool"), "The last message is not the user's.")
    temperature = body.get("temperature", 1)
    _require(isinstance(temperature, (int, float)) and 0 <= temperature <= 2, "Invalid 'temperature'.")
    _require(not {"max_tokens", "max_completion_tokens"} <= body.keys(), "Setting both token limits is not supported.")
    for name in {"max_tokens", "max_completion_tokens"} & body.keys():
        _require(isinstance(body[name], int) and body[name] > 0, f"Invalid '{name}'.")
    _require(body.get("stream") is True, "Only streams are spoken here.")
    _check_tools(body)


def check_speech(request: Request) -> None:
    body = _body(request, SPEECH_FIELDS, ["model", "input", "voice"])
    _require(isinstance(body["input"], str) and body["input"].strip(), "Invalid 'input': empty string.")
    _require(len(body["input"]) <= 4_096, "Invalid 'input': string too long. Expected 4096 characters at most.")
    _require(body.get("response_format") == "pcm", "Only pcm is spoken here.")
    _require(0.25 <= body.get("speed", 1) <= 4, "Invalid 'speed'.")


def _body(request: Request, fields: set[str], required: list[str]) -> dict:
    _require("json" in request.headers.get("content-type", ""), "Unsupported media type: use application/json.")
    try:
        body = request.json
    except ValueError:
        raise Nonsense("We could not parse the JSON body of your request.") from None
    _require(isinstance(body, dict), "The body is not an object.")
    for name in body:
        _require(name in fields, f"Unrecognized request argument supplied: {name}")
    for name in required:
        _require(body.get(name), f"Missing required parameter: '{name}'.")
    return body


def _check_message(message: dict) -> None:
    role, content = message.get("role"), message.get("content")
    _require(role in ROLES, f"Invalid value: {role!r}.")
    if content is None:
        return _require(role == "assistant" and message.get("tool_calls"), "Invalid value for 'content': null.")
    if isinstance(content, str):
        return None
    _require(isinstance(content, list) and content and role == "user", "Invalid type for 'content'.")
    for part in content:
        _require(part.get("type") in ("text", "image_url"), f"Invalid content part: {part.get('type')!r}.")
        if part["type"] == "text":
            _require(isinstance(part.get("text"), str), "Missing required parameter: 'text'.")
        else:
            _check_image(part["image_url"]["url"])


def _check_image(url: str) -> None:
    found = DATA_URL.fullmatch(url)
    _require(found, "Invalid image URL: expected a data URL.")
    try:
        data = base64.b64decode(found["data"], validate=True)
    except binascii.Error:
        raise Nonsense("Invalid base64 image_url.") from None
    _require(media_type(data) == found["type"], "You uploaded an unsupported image.")


def _check_tools(body: dict) -> None:
    tools = body.get("tools")
    _require(tools is None or tools, "Invalid 'tools': empty array.")
    _require("tool_choice" not in body or tools, "'tool_choice' is only allowed when 'tools' are specified.")
    for tool in tools or []:
        _require(tool.get("type") == "function", "Invalid value for 'tools.type'.")
        function = tool.get("function", {})
        _require(FUNCTION_NAME.fullmatch(function.get("name", "")), "Invalid 'tools.function.name'.")
        schema = function.get("parameters", {"type": "object"})
        _require(schema.get("type") == "object", 'Invalid schema for function: schema must be of type "object".')


def _require(holds, message: str) -> None:
    if not holds:
        raise Nonsense(message)
