"""Seeded damage to files: what a bad disk, a bad line or an attacker does to them."""

import numpy as np

_NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Return the file with one to four damages: bits, bytes, numbers, cuts, copies."""
    damaged = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        if not damaged:
            break
        # Headers decide most, so half of the damage goes into the first 512 bytes.
        reach = len(damaged) if rng.random() < 0.5 else min(len(damaged), 512)
        at = int(rng.integers(reach))
        match int(rng.integers(7)):
            case 0:
                damaged[at] ^= 1 << int(rng.integers(8))
            case 1:
                damaged[at] = int(rng.integers(256))
            case 2 | 3:
                width = int(rng.choice((2, 4)))
                number = int(rng.choice(_NUMBERS)) & (256**width - 1)
                damaged[at : at + width] = number.to_bytes(
                    width, "big" if rng.random() < 0.5 else "little"
                )
            case 4:
                del damaged[at:]
            case 5:
                length = int(rng.integers(1, 64))
                del damaged[at : at + length]
            case _:
                length, target = int(rng.integers(1, 64)), int(rng.integers(len(damaged)))
                damaged[target:target] = damaged[at : at + length]
    return bytes(damaged)
