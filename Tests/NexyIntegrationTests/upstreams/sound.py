"""Voices whose owner can be told by ear: sines, each provider's of its own pitch."""

import numpy as np

# Milliseconds that one character sounds, and how loud.
MILLISECONDS, LOUDNESS = 12, 8_000


def speak(text: str, pitch: int, rate: int) -> bytes:
    """Speech of a text: signed 16-bit little-endian samples of a sine."""
    count = max(1, len(text)) * MILLISECONDS * rate // 1_000
    return (LOUDNESS * np.sin(2 * np.pi * pitch * np.arange(count) / rate)).astype("<i2").tobytes()


def seconds_of(text: str) -> float:
    """How long a voice speaks a text."""
    return max(1, len(text)) * MILLISECONDS / 1_000


def packets(sound: bytes, size: int) -> list[bytes]:
    return [sound[at : at + size] for at in range(0, len(sound), size)]
