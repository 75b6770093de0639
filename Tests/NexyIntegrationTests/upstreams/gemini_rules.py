"""What the Gemini API takes as a request, and what it calls nonsense.

Fields: https://ai.google.dev/api/generate-content and https://ai.google.dev/api/caching (contents, tools)
Schemas of functions: https://ai.google.dev/api/caching#FunctionDeclaration
Images: https://ai.google.dev/gemini-api/docs/image-understanding
"""

import base64
import binascii
import re

from .images import media_type
from .wire import Request

FIELDS = {
    "contents",
    "tools",
    "toolConfig",
    "safetySettings",
    "systemInstruction",
    "generationConfig",
    "cachedContent",
}
GENERATION_FIELDS = {
    "candidateCount",
    "maxOutputTokens",
    "mediaResolution",
    "responseMimeType",
    "responseModalities",
    "responseSchema",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topK",
    "topP",
}
TOOL_FIELDS = {"functionDeclarations", "googleSearch", "urlContext", "codeExecution"}
PART_KINDS = {"text", "inlineData", "functionCall", "functionResponse", "fileData"}
FUNCTION_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
TYPES = {"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"}


class Nonsense(Exception):
    """A request that is none, with the words of the real server."""


def check(request: Request) -> None:
    """Raises `Nonsense` for what the real server would refuse."""
    _require("json" in request.headers.get("content-type", ""), "The content type is not application/json.")
    try:
        body = _camel(request.json)
    except ValueError:
        raise Nonsense("Invalid JSON payload received. Unexpected token.") from None
    _require(isinstance(body, dict), "Invalid JSON payload received.")
    _known(body, FIELDS)
    contents = body.get("contents")
    _require(isinstance(contents, list) and contents, "* GenerateContentRequest.contents: contents is not specified")
    for content in contents:
        _check_content(content)
    _require(contents[-1].get("role", "user") == "user", "Please ensure that multiturn requests end with a user role.")
    if "systemInstruction" in body:
        _check_content(body["systemInstruction"] | {"role": "user"})
    _check_generation(body.get("generationConfig", {}))
    _check_tools(body.get("tools", []), body.get("toolConfig"))


def _check_content(content: dict) -> None:
    _known(content, {"role", "parts"})
    _require(content.get("role", "user") in ("user", "model"), "Please use a valid role: user, model.")
    parts = content.get("parts")
    _require(isinstance(parts, list) and parts, "* GenerateContentRequest.contents.parts: must not be empty.")
    for part in parts:
        _known(part, PART_KINDS | {"thought", "thoughtSignature"})
        kinds = PART_KINDS & part.keys()
        _require(len(kinds) == 1, "contents.parts.data: required oneof field 'data' must have one initialized field")
        if "text" in part:
            _require(isinstance(part["text"], str), "Invalid value at 'contents.parts.text' (TYPE_STRING)")
        if "inlineData" in part:
            _check_image(part["inlineData"])


def _check_image(image: dict) -> None:
    _known(image, {"mimeType", "data"})
    try:
        data = base64.b64decode(image.get("data", ""), validate=True)
    except binascii.Error:
        raise Nonsense(
            "Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES), Base64 decoding failed"
        ) from None
    told = media_type(data)
    _require(told is not None and told == image.get("mimeType"), "Unable to process input image.")


def _check_generation(generation: dict) -> None:
    _known(generation, GENERATION_FIELDS)
    temperature = generation.get("temperature", 1)
    _require(_is_number(temperature) and 0 <= temperature <= 2, "temperature must be in the range [0.0, 2.0].")
    tokens = generation.get("maxOutputTokens", 1)
    _require(isinstance(tokens, int) and tokens > 0, "max_output_tokens must be positive.")


def _check_tools(tools: list[dict], choice: dict | None) -> None:
    functions, others = [], []
    for tool in tools:
        _known(tool, TOOL_FIELDS)
        _require(tool, "tools: an empty tool")
        functions += tool.get("functionDeclarations", [])
        others += [name for name in tool if name != "functionDeclarations"]
    _require(not (functions and others), "Tool use with function calling is unsupported")
    has_choice = bool(choice and choice.get("functionCallingConfig"))
    _require(functions or not has_choice, "Function calling config is set without function_declarations.")
    names = [function.get("name", "") for function in functions]
    _require(len(set(names)) == len(names), "Duplicate function declaration found.")
    for function in functions:
        _known(function, {"name", "description", "parameters", "parametersJsonSchema", "response", "behavior"})
        _require(FUNCTION_NAME.fullmatch(function["name"]), "Invalid function name.")
        _require(function.get("description"), "Function description is required.")
        if "parameters" in function:
            _check_schema(function["parameters"])


def _check_schema(schema: dict) -> None:
    _require(str(schema.get("type", "")).upper() in TYPES, "Invalid value at 'parameters.type'")
    if schema["type"].upper() == "OBJECT":
        properties = schema.get("properties", {})
        _require(properties, "parameters.properties: should be non-empty for OBJECT type")
        _require(set(schema.get("required", [])) <= properties.keys(), "parameters.required: property is not defined")
        for inner in properties.values():
            _check_schema(inner)


def _known(given: dict, fields: set[str]) -> None:
    for name in given:
        _require(name in fields, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')


def _require(holds, message: str) -> None:
    if not holds:
        raise Nonsense(message)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _camel(value, is_free: bool = False):
    """Fields may be spelled either way (proto3's JSON); what stands in arguments and properties is nobody's field."""
    if isinstance(value, list):
        return [_camel(inner, is_free) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name if is_free else re.sub("_([a-z])", lambda found: found[1].upper(), name): _camel(
            inner, name in ("args", "properties", "response")
        )
        for name, inner in value.items()
    }
