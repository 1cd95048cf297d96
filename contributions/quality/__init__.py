"""The checks of a call, judged by Great Expectations.

`suite` is light and may be imported anywhere; `engine` costs seconds and belongs to the quality
worker alone.
"""
