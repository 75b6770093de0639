"""OpenAI's speech, and engines at home that copy it.

Request: https://platform.openai.com/docs/api-reference/audio/createSpeech
PCM of 24 kHz, signed 16-bit little-endian, no header: https://platform.openai.com/docs/guides/text-to-speech
"""

from .faults import Answer, Refusal
from .openai_chat import OpenAIChat
from .openai_rules import Nonsense, check_speech
from .speech_provider import SpeechProvider
from .wire import Request

MODEL = "gpt-4o-mini-tts"


class OpenAISpeech(SpeechProvider):
    name = "openai"
    pitch, rate = 600, 24_000
    content_type = "audio/pcm"

    base_url = OpenAIChat.base_url
    key_of = OpenAIChat.key_of

    def objection(self, request: Request) -> Refusal | None:
        if request.path != "/v1/audio/speech" or request.method != "POST":
            return Refusal(404, "unknown_url", f"Unknown request URL: {request.method} {request.path}.")
        if self.keys and self.key_of(request) not in self.keys:
            return Refusal(401)
        try:
            check_speech(request)
        except Nonsense as nonsense:
            return Refusal(400, message=str(nonsense))
        return Refusal(404) if request.json["model"] != MODEL else None

    def words(self, request: Request) -> str:
        return request.json["input"]

    def refused(self, request: Request, refusal: Refusal) -> Answer:
        return OpenAIChat.refused(self, request, refusal)
