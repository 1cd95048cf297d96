"""The call editor: a document as a form without scripts, and a form as a document.

`inputs` reads what was sent into a document, `shown` writes a document into inputs, `pages` are
the addresses. What cannot be read as a number or a time stays as it was typed, so that the rules
of the call document name it and nothing that was typed is lost.
"""
