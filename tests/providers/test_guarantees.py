"""Each provider says of which class it is, in the line of a plan that a person approves."""

from __future__ import annotations

import pytest

from domain.guarantees import Class, Guarantee
from providers import emnify_words, soracom_words, supersim_registry, supersim_words


@pytest.mark.parametrize(
    ("guarantee", "kind"),
    [
        (emnify_words.GUARANTEE, Class.SET_TO),
        (supersim_words.GUARANTEE, Class.SET_TO),
        (supersim_registry.GUARANTEE, Class.CONDITIONAL),
        (soracom_words.GUARANTEE, Class.TOKEN),
    ],
)
def test_a_plan_names_the_class_before_the_reason(guarantee: Guarantee, kind: Class) -> None:
    assert guarantee.kind is kind
    assert str(guarantee).startswith(f"{kind}: ")
    assert "two agreeing reads" in str(guarantee)


def test_only_a_class_of_tokens_is_carried_out_by_tokens() -> None:
    assert [kind for kind in Class if kind.by_tokens] == [Class.TOKEN]
