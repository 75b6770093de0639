"""A client that asks fakes as the server would, for the tests of the fakes themselves."""

import http.client
import json

from .stage import AZURE_KEY, GEMINI_KEY, OPENAI_KEY, OPENAI_SPEECH_KEY

SSML = (
    '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts"'
    ' xml:lang="en-US"><voice name="{voice}"><mstts:express-as style="friendly"><prosody rate="+10%" pitch="low">'
    "{text}</prosody></mstts:express-as></voice></speak>"
)


def gemini_call(question: str = "Hi", **fields) -> tuple[str, dict, bytes]:
    body = {"contents": [{"role": "user", "parts": [{"text": question}]}]} | fields
    headers = {"x-goog-api-key": GEMINI_KEY, "Content-Type": "application/json"}
    path = "/v1beta/models/gemini-flash-lite-latest:streamGenerateContent?alt=sse"
    return path, headers, json.dumps(body).encode()


def openai_call(question: str = "Hi", **fields) -> tuple[str, dict, bytes]:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}], "stream": True}
    body |= {"stream_options": {"include_usage": True}} | fields
    headers = {"Authorization": f"Bearer {OPENAI_KEY}", "Content-Type": "application/json"}
    return "/v1/chat/completions", headers, json.dumps(body).encode()


def azure_call(text: str = "Hello there.", voice: str = "en-US-AriaNeural") -> tuple[str, dict, bytes]:
    headers = {
        "Ocp-Apim-Subscription-Key": AZURE_KEY,
        "Content-Type": "application/ssml+xml",
        "X-Microsoft-OutputFormat": "raw-48khz-16bit-mono-pcm",
        "User-Agent": "nexy",
    }
    return "/cognitiveservices/v1", headers, SSML.format(text=text, voice=voice).encode()


def speech_call(text: str = "Hello there.", **fields) -> tuple[str, dict, bytes]:
    body = {"model": "gpt-4o-mini-tts", "input": text, "voice": "alloy", "response_format": "pcm"} | fields
    headers = {"Authorization": f"Bearer {OPENAI_SPEECH_KEY}", "Content-Type": "application/json"}
    return "/v1/audio/speech", headers, json.dumps(body).encode()


CALLS = {"gemini": gemini_call, "openai": openai_call}


def ask(port: int, call: tuple[str, dict, bytes], timeout: float = 5, method: str = "POST"):
    path, headers, body = call
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def events_of(body: bytes) -> list[dict]:
    blocks = body.decode().replace("\r\n", "\n").split("\n\n")
    lines = [block.removeprefix("data: ") for block in blocks if block]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def text_of(name: str, body: bytes) -> str:
    if name == "gemini":
        parts = [
            part for event in events_of(body) for part in event["candidates"][0].get("content", {"parts": []})["parts"]
        ]
        return "".join(part.get("text", "") for part in parts if not part.get("thought"))
    deltas = [choice["delta"] for event in events_of(body) for choice in event["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)
