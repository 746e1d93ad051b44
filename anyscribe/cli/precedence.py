"""Which option wins where two of the main command contradict: the one from the stronger place.

The command line outweighs the environment, which outweighs the profile, which outweighs the file. Two from the same
place are an error.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyscribe.batch.outputs import Destination, is_folder_name, location_of
from anyscribe.cli.settings import setting_of, settings_of
from anyscribe.config import DEFAULT_BASE_URL, Local, Origin, Setting, choose_place
from anyscribe.errors import UsageError
from anyscribe.recording.options import ChannelMode, SpeakerMode, read_channels
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    import typer

    from anyscribe.batch.outputs import Suffix
    from anyscribe.cli.settings import Settings
    from anyscribe.config import Server

_OF_CHANNELS: Final = frozenset({SpeakerMode.CHANNELS, SpeakerMode.SERVER})
"""Which speakers decide whether channels are transcribed by themselves."""


def place_of(ctx: typer.Context) -> Server | Local:
    """Decide where recordings are transcribed.

    Args:
        ctx: The main command's context.

    Raises:
        UsageError: Two places were named, none can be used, or the profile's key cannot be read.
    """
    settings = settings_of(ctx)
    place = choose(_setting(ctx, "local"), _setting(ctx, "base_url"), settings)
    if isinstance(place, Local):
        return replace(place, device=ctx.params["device"], compute_type=ctx.params["compute_type"])
    notices = [_displaced(_setting(ctx, "base_url"), settings), place.notice]
    return replace(place, notice="; ".join(str(notice) for notice in notices if notice))


def choose(local: Setting[bool], base_url: Setting[str | None], settings: Settings) -> Server | Local:
    """Decide where recordings are transcribed.

    Args:
        local: Whether the built-in engine was asked for. A profile that is named on the command line and transcribes
            on this machine is as good as ``--local``: what it is given must not leave the machine.
        base_url: The server that was named, if any.
        settings: What is set elsewhere than on the command line.

    Raises:
        UsageError: As `place_of`.
    """

    def is_local_installed() -> bool:
        from anyscribe.engines.whisper import is_whisper_installed  # noqa: PLC0415 - seldom asked

        return is_whisper_installed()

    if local.value and local.origin is Origin.PROFILE and settings.profile_name.origin is Origin.GIVEN:
        local = replace(local, origin=Origin.GIVEN)
        if base_url.origin is not Origin.GIVEN:
            base_url = Setting(None, Origin.DEFAULT)
    return choose_place(local=local, base_url=base_url, keys=settings.key_places, is_local_installed=is_local_installed)


def _displaced(base_url: Setting[str | None], settings: Settings) -> str:
    """Return what to tell if a profile that is named on the command line is not where the recording goes."""
    profile = settings.profile
    is_named = settings.profile_name.origin is Origin.GIVEN
    if profile is None or not is_named or base_url.origin is not Origin.ENVIRONMENT or "base_url" not in profile.values:
        return ""
    return f"{base_url.place} is used, not the address of the profile {profile.name}"


def model_of(ctx: typer.Context, place: Server | Local) -> str | None:
    """Choose the model; None for the engine's own choice.

    On this machine, a model counts if it was named on the command line, or where this machine was chosen; elsewhere,
    people name the one that they usually ask for on a server.

    Args:
        ctx: The main command's context.
        place: Where recordings are transcribed.
    """
    model = _setting(ctx, "model")
    is_meant = model.origin is Origin.GIVEN or (
        model.origin is not Origin.ENVIRONMENT and model.origin is _setting(ctx, "local").origin
    )
    if model.value and (is_meant or not isinstance(place, Local)):
        return str(model.value)
    from anyscribe.session import default_model  # noqa: PLC0415 - --help and wrong flags do not need it

    return default_model(place, translate=ctx.params["translate"])


def price_of(ctx: typer.Context) -> float | None:
    """Return what a minute costs; None if that is not known.

    A profile's price belongs to the profile's server and model: if another one is asked, it is not known.

    Args:
        ctx: The main command's context.
    """
    price: Setting[float | None] = _setting(ctx, "price_per_minute")
    if price.origin is Origin.PROFILE and not _is_priced(ctx):
        return None
    return price.value


def _is_priced(ctx: typer.Context) -> bool:
    model, base_url = _setting(ctx, "model"), _setting(ctx, "base_url")
    profile = settings_of(ctx).profile
    values = {} if profile is None else profile.values
    is_model = model.value == values.get("model") and not (ctx.params["translate"] and not model.value)
    return is_model and (base_url.value or DEFAULT_BASE_URL) == values.get("base_url", DEFAULT_BASE_URL)


def checks_of(ctx: typer.Context) -> tuple[bool, bool]:
    """Return whether transcripts are checked, and whether one that looks incomplete is a failure.

    Args:
        ctx: The main command's context.

    Raises:
        UsageError: One place says that they are not checked, and that it is.
    """
    check, strict = _setting(ctx, "check"), _setting(ctx, "strict")
    if not strict.value or check.value:
        return check.value, strict.value
    is_strict = _wins(strict, check, Option("strict"), Option("no_check"), "give one of them")
    return is_strict, is_strict


def kind_of_run(ctx: typer.Context) -> tuple[bool, bool, str | None]:
    """Return whether a run is only forecast, whether it waits for recordings, and where its events are written.

    Args:
        ctx: The main command's context.

    Raises:
        UsageError: One place wants a forecast, which has no events and waits for nothing, and one of these.
    """
    dry, watch, events = (_setting(ctx, name) for name in ("dry_run", "watch", "events"))
    is_dry = dry.value
    for other, option in ((events, Option("events", events.value or "")), (watch, Option("watch"))):
        if is_dry and other.value:
            is_dry = _wins(dry, other, option, Option("dry_run"), "give one of them")
    return is_dry, watch.value and not is_dry, None if is_dry else events.value or None


def channels_of(ctx: typer.Context) -> tuple[ChannelMode | int, bool | None]:
    """Return which channels are transcribed, and whether text is streamed.

    Args:
        ctx: The main command's context.

    Raises:
        UsageError: One place wants all channels by themselves, and a stream; or each channel as a speaker, and only one
            of them, or other speakers.
    """
    given, stream, speakers = (_setting(ctx, name) for name in ("channels", "stream", "speakers"))
    channels = read_channels(given.value)
    option = Option("channels", str(given.value))
    is_split = channels is ChannelMode.SPLIT
    if is_split != (speakers.value == SpeakerMode.CHANNELS) and speakers.value in _OF_CHANNELS:
        named = Option("speakers", str(speakers.value))
        if given.origin is Origin.DEFAULT or _wins(speakers, given, named, option, "give one of them"):
            given, option, is_split = speakers, named, not is_split
            channels = ChannelMode.SPLIT if is_split else ChannelMode.MIX
    if not stream.value or not is_split:
        return channels, stream.value
    remedy = "channels are merged when all are transcribed"
    is_split = _wins(given, stream, option, Option("stream"), remedy)
    return (channels, None) if is_split else (ChannelMode.MIX, True)


def store_of(ctx: typer.Context) -> Path | bool:
    """Return the file that keeps answers; True for the usual one, False for none.

    Args:
        ctx: The main command's context.
    """
    path, none = _setting(ctx, "store"), _setting(ctx, "no_store")
    if none.value and not (path.value and path.origin.outranks(none.origin)):
        return False
    return Path(path.value) if path.value else True


def destination_of(ctx: typer.Context, suffix: Suffix, language: str | None) -> Destination:
    """Gather where results go; a usual folder gives way to a file that is named nearer to this run.

    Args:
        ctx: The context of a command that writes results.
        suffix: How files beside recordings are called.
        language: The code of the results' language; None if it is not known.
    """
    output, output_dir = _setting(ctx, "output"), _setting(ctx, "output_dir")
    file, folder = output.value, output_dir.value
    if file and folder and output.origin is not output_dir.origin:
        file, folder = (file, None) if output.origin.outranks(output_dir.origin) else (None, folder)
    if file and not folder and is_folder_name(file):
        file, folder = None, file
    is_overwriting, is_translated = ctx.params["overwrite"], ctx.params.get("translate", False)
    where, embeds = location_of(folder) if folder else None, ctx.params["embed"]
    return Destination(file, where, suffix, is_overwriting, language, is_translated, embeds)


def output_of(ctx: typer.Context, destination: Destination, listed: str | None) -> Setting[str | None]:
    """Return the file for a result whose extension may say the format.

    Args:
        ctx: The main command's context.
        destination: Where results go.
        listed: A file that a list names for a result, which is as good as one on the command line; None for none.
    """
    if destination.output is None and listed is not None:
        return Setting(listed, Origin.GIVEN)
    return setting_of(ctx, "output", destination.output)


def _wins(one: Setting[Any], other: Setting[Any], option: Option, contrary: Option, remedy: str) -> bool:
    """Return whether the first of two settings that contradict is the stronger one."""
    if one.origin is other.origin:
        raise UsageError(Sentence("{} and {} exclude each other", option, contrary), remedy=remedy)
    return one.origin.outranks(other.origin)


def _setting(ctx: typer.Context, name: str) -> Setting[Any]:
    return setting_of(ctx, name, ctx.params[name])
