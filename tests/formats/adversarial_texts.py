"""Texts that could break a cue file: arrows, escapes, empty lines, unusual line endings, right-to-left, NUL."""

from __future__ import annotations

from hypothesis import strategies as st

_SNAGS = (
    "-->",
    "--\u2060>",
    "00:00:01,000 --> 00:00:02,000",
    "00:01.000 --> 00:02.000",
    "1",
    "2\n",
    "&",
    "&amp;",
    "&lt;b&gt;",
    "<",
    ">",
    "<i>",
    "</v>",
    "<v Ann>",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\r\r\n",
    "\v",
    "\f",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    " ",
    "\t",
    "\u3000",
    "\0",
    "\x1b[31m",
    "\x7f",
    "\ufeff",
    "\u202e",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u4eca\u65e5",
    "\U0001f600",
    "WEBVTT",
    "NOTE",
    "STYLE",
    "{\\an8}",
    '"',
    "\\",
)

adversarial_text = st.lists(
    st.one_of(st.sampled_from(_SNAGS), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), max_size=8
).map("".join)
