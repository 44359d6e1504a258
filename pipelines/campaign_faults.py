"""Say in one sentence what a campaign file has that the schema does not allow."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel

from pipelines.campaign_file import Place, shown, suggestion
from pipelines.campaign_schema import Terms

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from pipelines.campaign_file import CampaignFile
    from pipelines.errors import CampaignError

SHAPES = {
    "model_type": "must be a group of keys, such as {value: ..., clause: ...}",
    "dict_type": "must be a group of keys",
    "tuple_type": "must be a list",
}


def schema_refusal(file: CampaignFile, error: ValidationError) -> CampaignError:
    """Return the refusal of the first thing in *file* that does not fit."""
    # A misspelt key makes two errors; the wrong word says more than the gap it left.
    details = sorted(
        error.errors(include_url=False), key=lambda d: d["type"] != "extra_forbidden"
    )
    return _refusal(file, details[0])


def _refusal(file: CampaignFile, detail: ErrorDetails) -> CampaignError:
    kind, place = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        word = str(place[-1])
        known = keys_at(place[:-1])
        return file.refuse(place, "this key is not known", suggestion(word, known))
    if kind == "missing":
        return file.refuse(place, "this key is missing", "add it")
    if kind == "literal_error":
        wrong = f"the reading {shown(detail['input'])} is not supported"
        return file.refuse(place, wrong, f"use {detail['ctx']['expected']}")
    if kind in SHAPES:
        wrong = f"{SHAPES[kind]}, not {shown(detail['input'])}"
        return file.refuse(place, wrong, "write it in that shape")
    wrong = str(detail.get("ctx", {}).get("error", detail["msg"]))
    return file.refuse(_without_key_mark(place), wrong, "correct the value")


def _without_key_mark(place: Place) -> Place:
    """Return *place* without the mark that pydantic puts on the keys of a dict."""
    return place[:-1] if place and place[-1] == "[key]" else place


def keys_at(place: Place) -> list[str]:
    """Return the keys that the schema knows at *place*."""
    kind: Any = Terms
    for step in place:
        if isinstance(step, int):
            kind = get_args(kind)[0]
        else:
            kind = kind.model_fields[step].annotation
        if get_origin(kind) in (Union, UnionType):
            kind = get_args(kind)[0]
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return list(kind.model_fields) if is_model else []


def is_optional(place: Place) -> bool:
    """Tell whether a campaign can do without the term at *place*."""
    kind: Any = Terms
    for step in place[:-1]:
        fields = getattr(kind, "model_fields", {})
        kind = fields[step].annotation if step in fields else None
    field = getattr(kind, "model_fields", {}).get(place[-1])
    return field is not None and not field.is_required()
