"""What both speech engines share: how a play becomes sound."""

from .faults import Answer, Pause
from .plays import Play
from .provider import Provider
from .sound import packets, speak
from .wire import Request


class SpeechProvider(Provider):
    """A voice. A play's text means nothing: what is asked for is spoken; its pauses come after the beginning."""

    # Swings a second, samples a second, and the type of an answer.
    pitch: int
    rate: int
    content_type: str
    # Octets of a packet; odd, because nobody promises to keep samples together.
    packet = 1_921
    # Packets that come before a pause: more than one message to a client holds.
    beginning = 4

    def said(self, request: Request, play: Play) -> Answer:
        made = packets(speak(self.words(request), self.pitch, self.rate), self.packet)
        pauses = [said for said in play.says if isinstance(said, Pause)]
        pieces = [*made[: self.beginning], *pauses, *made[self.beginning :]]
        return Answer(200, {"Content-Type": self.content_type}, pieces)
