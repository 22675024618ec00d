"""Mails: MJML compiled once per template version, Jinja rendered for each member, in a sandbox."""

from campaigns.rendering.compiler import compile_template
from campaigns.rendering.store import TemplateStore
from campaigns.rendering.template import Rendered, Template
from campaigns.rendering.words import compile_words

__all__ = ["Rendered", "Template", "TemplateStore", "compile_template", "compile_words"]
