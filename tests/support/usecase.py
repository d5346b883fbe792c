"""The use case that most tests need: one field, drafted by the echo engine."""

USE_CASE = """\
name = "note_reply"
title = "Reply to a note"

[input.fields.text]
label = "Note"

[instructions]
system = "Answer in one sentence."

[engine]
echo = true
"""
