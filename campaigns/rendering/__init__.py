"""Mails: MJML compiled once per template version, Jinja rendered for each member, in a sandbox.

`compile_template` makes a `Template` of files, `Template.render` a member's mail, `examine` does the first and tries it
on samples, in a process with limits: that is the way in for templates that people hand in.
"""

from campaigns.rendering.check import Finding
from campaigns.rendering.compiler import compile_template
from campaigns.rendering.context import names as context_names
from campaigns.rendering.mail import Email, unsubscribe_headers
from campaigns.rendering.samples import SAMPLES, sample_context
from campaigns.rendering.sentences import PICTURES, ROW_TITLES, facts_line, picture_words, row_title, why_sentence
from campaigns.rendering.store import TemplateStore
from campaigns.rendering.template import Rendered, Template
from campaigns.rendering.trial import Examined, examine
from campaigns.rendering.words import compile_words

__all__ = [
    "PICTURES",
    "ROW_TITLES",
    "SAMPLES",
    "Email",
    "Examined",
    "Finding",
    "Rendered",
    "Template",
    "TemplateStore",
    "compile_template",
    "compile_words",
    "context_names",
    "examine",
    "facts_line",
    "picture_words",
    "row_title",
    "sample_context",
    "unsubscribe_headers",
    "why_sentence",
]
