"""The register of models on the page of a licence: what was trained, and telling of one more."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from contributions.models import Release, TrainedModel
from contributions.models.releases import GIVEN_OUT
from contributions.models.trained import NAME_MAX
from contributions.releases.problems import MODEL_UNKNOWN
from contributions.releases.trained import model_documents, tell_of_model, withdraw_model
from dure.accounts.acting import Actor
from dure.core.clock import CITY_ZONE, now
from dure.core.problems import Problem
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, summary_of_form
from portal.formatting import date_text
from rewards.licences.selectors import licence_for
from rewards.models import Licence

Context = dict[str, Any]  # Any: a template's context


class TrainedModelForm(forms.Form):
    """One model: on which release it was trained, when, and on how much of it."""

    release = forms.ChoiceField(label=gettext_lazy("Trained on"))
    name = forms.CharField(
        label=gettext_lazy("Name of the model"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("What you call it; nothing that points to a person."),
    )
    trained_on = forms.DateField(
        label=gettext_lazy("Day on which the training ended"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    rows = forms.IntegerField(
        label=gettext_lazy("Rows used"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("Leave it empty if all of them were used."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, held: list[Release], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["release"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (str(one.id), _("Release %(label)s") % {"label": one.version}) for one in held
        ]
        if held and held[0].ended_at is not None:
            earliest = min(one.ended_at for one in held if one.ended_at is not None)
            limits = {"min": earliest, "max": now()}
            for name, moment in limits.items():
                day = moment.astimezone(CITY_ZONE).date().isoformat()
                self.fields["trained_on"].widget.attrs[name] = day


def held_releases(found: Licence) -> list[Release]:
    """Releases of the licensed call that the licensee downloaded, the newest first."""
    taken = Release.objects.filter(
        call_id=found.call_id,
        state__in=GIVEN_OUT,
        files__downloads__party_id=found.party_id,
    )
    return list(taken.distinct().order_by("-ended_at", "-id"))


def models_context(acting: Actor, found: Licence, form: TrainedModelForm | None = None) -> Context:
    """What the section about models shows: those told of, and the form where there is a release.

    Whoever does not act for the licensee reads the models and is offered nothing to say of them.
    """
    acts = acting.acts_for(found.party_id)
    held = held_releases(found) if acts else []
    models = TrainedModel.objects.filter(
        party_id=found.party_id, release__call_id=found.call_id
    ).order_by("-at", "-id")
    return {
        "acts": acts,
        "models": [
            {**document, "day": date_text(date.fromisoformat(document["trained_on"]))}
            for document in model_documents(models)
        ],
        "model_form": (form or TrainedModelForm(held, auto_id="id_model_%s")) if held else None,
    }


def tell(request: HttpRequest, found: Licence) -> tuple[TrainedModelForm, ErrorSummary | None]:
    """The form as it was sent, and what is wrong with it; None once the model is on record."""
    form = TrainedModelForm(held_releases(found), request.POST, auto_id="id_model_%s")
    if form.is_valid():
        said = form.cleaned_data
        try:
            tell_of_model(
                acting=Actor.of(request),
                release_id=UUID(said["release"]),
                party_id=found.party_id,
                name=said["name"],
                trained_on=said["trained_on"],
                rows=said["rows"],
            )
        except Problem as problem:
            for error in problem.errors:
                form.add_error(error.field, str(error.message))
            if not problem.errors:
                form.add_error(None, f"{problem.kind.title}. {problem.kind.advice}")
    return form, None if form.is_valid() else summary_of_form(form)


@require_POST
@signed_in
def model_withdrawal(request: HttpRequest, licence_id: UUID, model_id: UUID) -> HttpResponseBase:
    """The licensee says that an entry was a mistake."""
    acting = Actor.of(request)
    found = licence_for(acting, licence_id)
    model = TrainedModel.objects.filter(id=model_id, party_id=found.party_id).first()
    if model is None:
        raise MODEL_UNKNOWN.problem()
    withdraw_model(acting=acting, release_id=model.release_id, model_id=model.id)
    messages.success(request, _("The entry is withdrawn."))
    return redirect("portal:licence", found.id)
