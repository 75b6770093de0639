"""A chat completions server: OpenAI's own, or one of the many that copy it.

Request, chunks, `[DONE]`, usage in the last chunk: https://platform.openai.com/docs/api-reference/chat and
https://platform.openai.com/docs/api-reference/chat-streaming
Tool calls in fragments: https://platform.openai.com/docs/guides/function-calling#streaming
Errors: https://platform.openai.com/docs/guides/error-codes; `retry-after`: https://platform.openai.com/docs/guides/rate-limits
`reasoning_content` of servers that copy it: https://docs.vllm.ai/en/latest/features/reasoning_outputs.html
"""

import json

from .faults import Answer, Refusal, document
from .openai_rules import Nonsense, check_chat
from .plays import Pause, Play, Thought, Tool
from .provider import Provider
from .wire import Request

MODEL = "gpt-4o-mini"
ERRORS = {
    400: ("invalid_request_error", None, "We could not parse the JSON body of your request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: (
        "invalid_request_error",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached on requests per min (RPM): Limit 3, Used 3."),
    500: ("server_error", None, "The server had an error while processing your request. Sorry about that!"),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
FINISHES = {"stop": "stop", "length": "length", "safety": "content_filter"}
# What every call costs.
TOKENS_IN, TOKENS_OUT = 41, 19
# Characters of a tool call's arguments that come in one fragment.
FRAGMENT = 5


class OpenAIChat(Provider):
    name = "openai"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def key_of(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key if scheme == "Bearer" else None

    def objection(self, request: Request) -> Refusal | None:
        if request.path != "/v1/chat/completions":
            return Refusal(404, "unknown_url", f"Unknown request URL: {request.method} {request.path}.")
        if request.method != "POST":
            return Refusal(405, "method_not_supported", "Not allowed to GET on /v1/chat/completions")
        # A server at home has no keys and asks for none.
        if self.keys and self.key_of(request) not in self.keys:
            return Refusal(401)
        try:
            check_chat(request)
        except Nonsense as nonsense:
            return Refusal(400, message=str(nonsense))
        if request.json["model"] != MODEL:
            return Refusal(404)
        return None

    def words(self, request: Request) -> str:
        content = request.json["messages"][-1]["content"]
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

    def said(self, request: Request, play: Play) -> Answer:
        if play.is_blocked:
            return self.refused(request, Refusal(400, "content_policy_violation", "Your request was rejected."))
        wants_usage = request.json.get("stream_options", {}).get("include_usage", False)
        return Answer(200, {"Content-Type": "text/event-stream; charset=utf-8"}, events(play, wants_usage))

    def refused(self, request: Request, refusal: Refusal) -> Answer:
        kind, code, message = ERRORS.get(refusal.status, ERRORS[400])
        error = {
            "message": (refusal.message or message) + self.careless(request, refusal),
            "type": refusal.reason if refusal.reason == "insufficient_quota" else kind,
            "param": None,
            "code": refusal.reason or code,
        }
        waiting = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
        return document(refusal.status, {"error": error}, waiting)


def event(data: str) -> bytes:
    return b"data: " + data.encode() + b"\n\n"


def completion(choices: list[dict], **fields) -> bytes:
    made = {
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "object": "chat.completion.chunk",
        "created": 1_795_000_000,
        "model": MODEL,
        "system_fingerprint": "fp_44709d6fcb",
        "choices": choices,
    }
    return event(json.dumps(made | fields, ensure_ascii=False))


def delta(fields: dict, finish: str | None = None) -> bytes:
    return completion([{"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}])


def events(play: Play, wants_usage: bool) -> list[bytes | Pause]:
    """A play as the stream tells it; the role goes out with the first piece, so that pieces count as elsewhere."""
    first, *rest = _events(play, wants_usage)
    role = delta({"role": "assistant", "content": "", "refusal": None})
    return [role, first, *rest] if isinstance(first, Pause) else [role + first, *rest]


def _events(play: Play, wants_usage: bool) -> list[bytes | Pause]:
    made: list[bytes | Pause] = []
    number = 0
    for said in play.says:
        match said:
            case Pause():
                made.append(said)
            case Thought():
                made.append(delta({"reasoning_content": said.text}))
            case Tool():
                made += fragments(said, number)
                number += 1
            case str():
                made.append(delta({"content": said}))
    if play.finish is None:
        return [*made, event("[DONE]")]
    finish = "tool_calls" if number and play.finish == "stop" else FINISHES.get(play.finish, play.finish)
    made.append(delta({}, finish))
    if wants_usage:
        counts = {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        }
        made.append(completion([], usage=counts))
    return [*made, event("[DONE]")]


def fragments(tool: Tool, number: int) -> list[bytes]:
    """A call as it comes: its name first, then its arguments a few characters at a time."""
    arguments = json.dumps(tool.arguments, ensure_ascii=False)
    named = {"id": f"call_{number}", "type": "function", "function": {"name": tool.name, "arguments": ""}}
    pieces = [arguments[at : at + FRAGMENT] for at in range(0, len(arguments), FRAGMENT)]
    calls = [named, *({"function": {"arguments": piece}} for piece in pieces)]
    return [delta({"tool_calls": [{"index": number} | call]}) for call in calls]
