"""Names of HTML and MJML that more than one module asks about."""

from __future__ import annotations

__all__ = ["BLOCKS", "COMPONENTS", "CONTAINERS", "EMPTY", "FORBIDDEN", "LINKS", "VARIABLE"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


EMPTY = _names("area base br col embed hr img input link meta source track wbr")
BLOCKS = _names("address blockquote br center div h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul")
FORBIDDEN = _names("script iframe frame object embed applet form input base link svg math audio video")
LINKS = _names("href src srcset background background-url action poster xlink:href")  # attributes that hold addresses

CONTAINERS = _names(
    "mj-body mj-wrapper mj-section mj-group mj-column mj-hero mj-navbar mj-social mj-accordion mj-accordion-element"
)
COMPONENTS = CONTAINERS | _names(
    "mjml mj-head mj-attributes mj-all mj-class mj-breakpoint mj-font mj-preview mj-style mj-title mj-raw mj-text "
    "mj-button mj-image mj-divider mj-spacer mj-table mj-accordion-title mj-accordion-text mj-navbar-link "
    "mj-social-element mj-carousel mj-carousel-image"
)
VARIABLE = _names("href src alt title rel name lang dir background-url css-class target")  # may differ by member
