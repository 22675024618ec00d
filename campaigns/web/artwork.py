"""A picture for a title that has none: its name on a plain card, always the same."""

from __future__ import annotations

import hashlib
import io
import textwrap

import polars as pl
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from PIL import Image, ImageDraw, ImageFont

router = APIRouter()
SIZE = (400, 600)
GROUNDS = ("#103C45", "#5B1A2B", "#3D1B6E", "#23395D", "#1D6B57", "#8A3A12")
A_DAY = {"Cache-Control": "public, max-age=86400"}


@router.get("/artwork/{title_id}.png")
def artwork(request: Request, title_id: str) -> Response:
    """The card of a title."""
    titles = request.app.state.stores.lake.scan("titles").filter(pl.col("title_id") == title_id)
    names = titles.select("name").collect()["name"]
    if not len(names):
        raise HTTPException(404)
    return Response(card(title_id, names[-1]), media_type="image/png", headers=A_DAY)


def card(title_id: str, name: str) -> bytes:
    """A poster of flat colour with the name at its foot, as PNG."""
    place = int.from_bytes(hashlib.sha256(title_id.encode()).digest()[:4], "big")
    image = Image.new("RGB", SIZE, GROUNDS[place % len(GROUNDS)])
    lines = textwrap.wrap(name, 16)[:5]
    text = "\n".join(lines)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=44)
    pen.multiline_text((32, SIZE[1] - 40), text, fill="#FFFFFF", font=font, anchor="ld", spacing=8, stroke_width=1)
    buffer = io.BytesIO()
    image.quantize(32).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
