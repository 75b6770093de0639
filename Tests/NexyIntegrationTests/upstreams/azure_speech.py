"""Azure's text to speech over REST.

Path, headers, formats, statuses: https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
SSML: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure and
https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-voice (styles, prosody; a voice
that does not speak the language of its text gives no sound)
"""

import re
from xml.etree import ElementTree

from .faults import Answer, Refusal, document
from .plays import Play
from .speech_provider import SpeechProvider
from .wire import Request

SSML = "{http://www.w3.org/2001/10/synthesis}"
MSTTS = "{https://www.w3.org/2001/mstts}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
FORMAT = "raw-48khz-16bit-mono-pcm"
VOICE = re.compile(r"(?P<language>[a-z]{2,3})-[A-Z]{2}-[A-Za-z]+Neural")
# A number's change in per cent, semitones or hertz, a bare factor, or a word.
PROSODY = re.compile(r"[+-]?\d+(\.\d+)?(%|st|Hz|hz)?|x-(slow|low|soft|high|fast|loud)|[a-z]+")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
MESSAGES = {
    401: "Access denied due to invalid subscription key or wrong API endpoint.",
    403: "The key has no right to use this resource.",
    404: "Resource not found",
    429: "Too many requests. Please retry later.",
}


class AzureSpeech(SpeechProvider):
    name = "azure"
    pitch, rate = 400, 48_000
    content_type = "audio/basic"

    @property
    def base_url(self) -> str:
        return self.origin

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("ocp-apim-subscription-key")

    def objection(self, request: Request) -> Refusal | None:
        if request.path != "/cognitiveservices/v1" or request.method != "POST":
            return Refusal(404)
        if self.key_of(request) not in self.keys:
            return Refusal(401)
        if not request.headers.get("content-type", "").startswith("application/ssml+xml"):
            return Refusal(415, message="The content type is not application/ssml+xml.")
        if request.headers.get("x-microsoft-outputformat") != FORMAT:
            return Refusal(400, message="This format is not the one that is asked for here.")
        if not 0 < len(request.headers.get("user-agent", "")) < 255:
            return Refusal(400, message="The application's name is missing or too long.")
        if problem := problem_of(request.body):
            return Refusal(400, message=problem)
        return None

    def words(self, request: Request) -> str:
        return "".join(ElementTree.fromstring(request.body).itertext())

    def said(self, request: Request, play: Play) -> Answer:
        voice = VOICE.fullmatch(voice_of(request))
        if CYRILLIC.search(self.words(request)) and voice["language"] != "ru" and "Multilingual" not in voice[0]:
            return Answer(200, {"Content-Type": self.content_type})
        return super().said(request, play)

    def refused(self, request: Request, refusal: Refusal) -> Answer:
        message = refusal.message or MESSAGES.get(refusal.status, "The service could not process the request.")
        error = {"code": f"{refusal.status}", "message": message + self.careless(request, refusal)}
        waiting = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
        return document(refusal.status, {"error": error}, waiting)


def voice_of(request: Request) -> str:
    return ElementTree.fromstring(request.body).find(f"{SSML}voice").get("name")


def problem_of(body: bytes) -> str | None:
    """What is wrong with a document; None when the service would speak it."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        return f"This is no XML: {error}"
    if root.tag != f"{SSML}speak" or root.get("version") != "1.0" or not root.get(LANGUAGE):
        return "The root is not a speak element with version and xml:lang."
    voices = list(root)
    if len(voices) != 1 or voices[0].tag != f"{SSML}voice" or (root.text or "").strip():
        return "Node [speak] should contain one node [voice] and nothing else."
    if not VOICE.fullmatch(voices[0].get("name", "")):
        return f"Unsupported voice {voices[0].get('name')}."
    for element in voices[0].iter():
        if element.tag == f"{SSML}prosody":
            if not element.attrib or not all(PROSODY.fullmatch(value) for value in element.attrib.values()):
                return f"These are no values of prosody: {element.attrib}"
        elif element.tag == f"{MSTTS}express-as":
            if not element.get("style"):
                return "A style without a name."
        elif element.tag not in (f"{SSML}voice", f"{SSML}break", f"{SSML}p", f"{SSML}s", f"{SSML}lang"):
            return f"Unsupported element {element.tag}."
    return None if "".join(root.itertext()).strip() else "Nothing to say."
