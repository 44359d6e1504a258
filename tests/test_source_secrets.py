"""Passwords and tokens of an address are in no receipt and in no message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenes import tree
from tests.sender import PLACE, LibraryError, Sender, land, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET_URI = "sender://me:p%40ss:w0rd@depot/in?sig=T0KEN"  # noqa: S105 - made up
SECRETS = ("p%40ss:w0rd", "p@ss:w0rd", "T0KEN")


def test_receipts_hold_no_secret_of_the_address(shelf, home):
    """They are for everybody's eyes; the address without its secrets remains."""
    land(home, SECRET_URI)

    receipts = b"".join(tree(home).values()).decode()
    assert f'"source": "sender://depot/in?***/{PLACE}"' in receipts
    assert not [secret for secret in SECRETS if secret in receipts]


@pytest.mark.parametrize("step", ["open", "list", "read", "change"])
def test_messages_hold_no_secret_of_the_address(shelf, home, step, monkeypatch):
    """Not even when the library of the source repeats the whole address."""
    shelf.error = LibraryError(f"403 for {SECRET_URI} and p@ss:w0rd")
    if step == "open":
        monkeypatch.setattr(Sender, "__init__", _fails(shelf.error))
    elif step == "list":
        shelf.closed_folder = "billing"
    elif step == "read":
        shelf.dies_at = 0
    else:
        shelf.when_opened = lambda path: shelf.marks.update({path: 1})

    message = refusal(home, SECRET_URI)

    assert not [secret for secret in SECRETS if secret in message], message


def _fails(error: Exception) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_the_same_secret_source_is_known_by_a_new_password(shelf, home):
    """A changed password makes no other source of it: nothing is lost."""
    landed = land(home, SECRET_URI)
    shelf.files[f"depot/in/{PLACE}.note"] = shelf.files.pop(f"depot/in/{PLACE}")

    again = land(home, "sender://me:new@depot/in?sig=T0KEN2")

    assert set(landed.files) < set(again.files)
