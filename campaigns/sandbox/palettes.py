"""Colours of posters: five of one family each, from night to light, and the tones of skin and hair."""

from __future__ import annotations

from typing import NamedTuple


class Palette(NamedTuple):
    """From dark to light: the foot under the title, the ground, what stands on it, the accent, the light."""

    night: str
    deep: str
    middle: str
    accent: str
    light: str


PALETTES = (
    Palette("#1B1033", "#3B1F5B", "#6B2D7F", "#F0A45B", "#F3D2B0"),
    Palette("#0B2A30", "#0F3D44", "#1F6B70", "#E5572E", "#F6D6B8"),
    Palette("#2E1206", "#6A2A10", "#B4561B", "#F2A93B", "#FBE3B0"),
    Palette("#2A0C18", "#5A1A2C", "#A3243B", "#F59A36", "#FFDCA8"),
    Palette("#0B1733", "#17305C", "#2F5D9B", "#F2B75C", "#F8E6C8"),
    Palette("#0E2318", "#1D4230", "#3F7A52", "#E9B44C", "#F4E4BC"),
    Palette("#2A0E2C", "#57204F", "#9C3A73", "#FF9A8B", "#FFE0CF"),
    Palette("#14202B", "#27404F", "#4C7C86", "#F08A5D", "#F2E9DC"),
    Palette("#14143A", "#2B2B6E", "#5151B5", "#F6C445", "#EDE7FF"),
    Palette("#2B1B14", "#5A3A28", "#A06A3F", "#E8B04A", "#F3E0C4"),
    Palette("#06232F", "#0B4557", "#17809A", "#FFB347", "#E9F7F2"),
    Palette("#1F1A2B", "#41375A", "#8A5A83", "#F2805F", "#FBE5D6"),
)
REDS = (
    Palette("#1E070E", "#5C1A2B", "#D8263F", "#F59A36", "#FFE3B8"),
    Palette("#16080A", "#3A0D14", "#B3122F", "#FF6B3D", "#FFD6A5"),
    Palette("#1A0B12", "#4A1230", "#C2185B", "#FFB03B", "#FFE9C9"),
    Palette("#180B06", "#4E1A0B", "#D6401E", "#FFC145", "#FFF0D0"),
)
SKINS = ("#F6D6B8", "#E8B48A", "#C98A58", "#94592F", "#63391F")
HAIRS = ("#2A1A10", "#17120F", "#5A2F17", "#8C4A1E", "#C98B3A", "#D9D2C7")
