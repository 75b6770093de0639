"""What can be measured of speech."""

import numpy as np

RATE = 48_000


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


def share_of_energy(samples: np.ndarray, low: float, high: float) -> float:
    """The part of a sound's energy between two frequencies, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(len(samples)))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    within = (frequencies >= low) & (frequencies < high)
    return float(spectrum[within].sum() / spectrum.sum())


def pitch(samples: np.ndarray) -> float:
    """How often the voice swings in a second where it is loudest: the best match of a sound with itself, later."""
    window = RATE // 10
    starts = range(0, len(samples) - window, window // 2)
    loudest = max(starts, key=lambda start: rms(samples[start : start + window]))
    sound = samples[loudest : loudest + window].astype(np.float64)
    sound -= sound.mean()
    likeness = np.correlate(sound, sound, "full")[window - 1 :]
    # Every sound is like itself a moment later; what counts comes after it has first become unlike.
    shortest, longest = int(np.argmax(likeness < 0)), RATE // 50
    return RATE / (shortest + int(np.argmax(likeness[shortest:longest])))


def is_speech(samples: np.ndarray) -> bool:
    """Loud enough, long enough, and with its energy where voices have it."""
    return len(samples) > 0.3 * RATE and rms(samples) > 300 and share_of_energy(samples, 80, 5_000) > 0.8
