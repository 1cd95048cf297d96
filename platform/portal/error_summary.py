"""The box at the head of a page that says what is wrong and links to the place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.forms import BaseForm

from dure.core.problems import Problem


@dataclass(frozen=True)
class Item:
    message: str
    anchor: str = ""


@dataclass(frozen=True)
class ErrorSummary:
    """Its presence also puts "Error:" before the title of the page."""

    detail: str = ""
    advice: str = ""
    items: tuple[Item, ...] = ()

    @property
    def first(self) -> str:
        """What stands beside the field when the page has only one."""
        return self.items[0].message if self.items else self.detail


def summary_of_problem(problem: Problem, anchors: dict[str, str] | None = None) -> ErrorSummary:
    """A service's refusal in the reader's language; ``anchors`` maps its fields to element ids."""
    known = anchors or {}
    advice = str(problem.kind.advice)
    return ErrorSummary(
        detail=str(problem.detail),
        advice="" if advice == str(problem.detail) else advice,
        items=tuple(
            Item(str(error.message), known.get(error.field, "")) for error in problem.errors
        ),
    )


def summary_of_form(form: BaseForm) -> ErrorSummary:
    """Errors of a form, in the order of its fields; what several fields share names each."""
    items = [Item(str(message)) for message in form.non_field_errors()]
    said = Counter(str(message) for bound in form for message in bound.errors)
    for bound in form:
        for message in map(str, bound.errors):
            text = message if said[message] == 1 else f"{bound.label}: {message}"
            # A group of choices has no id of its own to type at: its first choice has.
            items.append(Item(text, bound.id_for_label or f"{bound.auto_id}_0"))
    return ErrorSummary(items=tuple(items))
