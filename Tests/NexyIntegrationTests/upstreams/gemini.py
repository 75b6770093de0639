"""Google's Gemini API as far as `streamGenerateContent` goes.

Request, response, finish and block reasons, usage: https://ai.google.dev/api/generate-content
The key in `x-goog-api-key`, server-sent events with `alt=sse`: https://ai.google.dev/api
Errors: https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193; details (`ErrorInfo`,
`RetryInfo`): https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
Search and functions do not mix: https://ai.google.dev/gemini-api/docs/function-calling
"""

import json
import re
from urllib.parse import unquote

from .faults import Answer, Refusal, document
from .gemini_rules import Nonsense, check
from .plays import Pause, Play, Thought, Tool
from .provider import Provider
from .wire import Request

MODEL = "gemini-flash-lite-latest"
TARGET = re.compile(r"/v1beta/models/(?P<model>[^/:]+):(?P<method>\w+)")
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
MESSAGES = {
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token or other valid credential.",
    403: "Your API key was reported as leaked. Please use another API key.",
    404: "models/{model} is not found for API version v1beta, or is not supported for generateContent.",
    429: "You exceeded your current quota, please check your plan and billing details.",
    500: "An internal error has occurred. Please retry or report in the developer guide.",
    503: "The model is overloaded. Please try again later.",
}
FINISHES = {"stop": "STOP", "length": "MAX_TOKENS", "safety": "SAFETY"}
# What every call costs.
TOKENS_IN, TOKENS_OUT = 31, 17


class Gemini(Provider):
    name = "gemini"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1beta"

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("x-goog-api-key")

    def objection(self, request: Request) -> Refusal | None:
        target = TARGET.fullmatch(unquote(request.path))
        if not target or target["method"] != "streamGenerateContent":
            return Refusal(404, message=f"Nothing is at {request.path}.")
        if request.method != "POST":
            return Refusal(405)
        if self.key_of(request) is None:
            return Refusal(403, message="Method doesn't allow unregistered callers.")
        if self.key_of(request) not in self.keys:
            return Refusal(400, "API_KEY_INVALID") if self.key_of(request) else Refusal(403)
        if target["model"] != MODEL:
            return Refusal(404, message=MESSAGES[404].format(model=target["model"]))
        if request.query.get("alt") != ["sse"]:
            return Refusal(400, message="Only server-sent events are spoken here: alt=sse.")
        try:
            check(request)
        except Nonsense as nonsense:
            return Refusal(400, message=str(nonsense))
        return None

    def words(self, request: Request) -> str:
        return "".join(part.get("text", "") for part in request.json["contents"][-1]["parts"])

    def said(self, request: Request, play: Play) -> Answer:
        headers = {"Content-Type": "text/event-stream", "Server": "scaffolding on HTTPServer2"}
        return Answer(200, headers, events(play))

    def refused(self, request: Request, refusal: Refusal) -> Answer:
        message = refusal.message or MESSAGES.get(refusal.status, "Something is wrong with the request.")
        details: list[dict] = []
        if refusal.reason:
            if refusal.reason == "API_KEY_INVALID":
                message = refusal.message or "API key not valid. Please pass a valid API key."
            details.append(
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": refusal.reason,
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                }
            )
        if refusal.retry_after is not None:
            details.append(
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{refusal.retry_after:g}s"}
            )
        error = {
            "code": refusal.status,
            "message": message + self.careless(request, refusal),
            "status": STATUSES.get(refusal.status, "UNKNOWN"),
        }
        return document(refusal.status, {"error": error | ({"details": details} if details else {})})


def event(response: dict) -> bytes:
    """One server-sent event, with the line ends that Google sends."""
    return b"data: " + json.dumps(response, ensure_ascii=False).encode() + b"\r\n\r\n"


def events(play: Play) -> list[bytes | Pause]:
    """A play as the stream tells it: an event a piece; why it ended and what it cost stand in the last."""
    if play.is_blocked:
        return [event({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": usage(0)})]
    made = [said if isinstance(said, Pause) else event(response([part(said)])) for said in play.says]
    if play.finish is None:
        return made
    ending = response([{"text": ""}] if play.finish == "stop" else [])
    ending["candidates"][0]["finishReason"] = FINISHES.get(play.finish, play.finish)
    return [*made, event(ending | {"usageMetadata": usage(TOKENS_OUT)})]


def part(said: str | Thought | Tool) -> dict:
    match said:
        case Tool():
            return {"functionCall": {"name": said.name, "args": said.arguments}, "thoughtSignature": "c2lnbmVk"}
        case Thought():
            return {"text": said.text, "thought": True}
    return {"text": said}


def response(parts: list[dict]) -> dict:
    content = {"content": {"parts": parts, "role": "model"}} if parts else {}
    return {
        "candidates": [content | {"index": 0}],
        "usageMetadata": {"promptTokenCount": TOKENS_IN, "totalTokenCount": TOKENS_IN},
        "modelVersion": MODEL,
        "responseId": "x8kcaYvbKMm1kdUP",
    }


def usage(tokens_out: int) -> dict:
    return {
        "promptTokenCount": TOKENS_IN,
        "candidatesTokenCount": tokens_out,
        "totalTokenCount": TOKENS_IN + tokens_out,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": TOKENS_IN}],
    }
