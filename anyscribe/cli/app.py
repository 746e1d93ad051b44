"""The commands: ``anyscribe [OPTIONS] INPUT...`` itself, and its subcommands."""

from __future__ import annotations

import functools
import importlib
import os
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import typer
import typer.core
import typer.main

from anyscribe.cli.help_page import HelpPage, page_of
from anyscribe.cli.settings import MAIN, Settings, setting_of
from anyscribe.errors import OptionError, UsageError
from anyscribe.sentence import Sentence
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anyscribe.cli.help_page import Entries

_HELP: Final = "help"
_HOMES: Final = {
    MAIN: ("transcribe_command", "transcribe"),
    "align": ("align_command", "align"),
    "review": ("review_command", "review"),
    "models": ("models_command", "models"),
    "store": ("store_command", "store"),
    "serve": ("serve_command", "serve"),
    "config": ("config_command", "config"),
    "login": ("login_command", "login"),
    "doctor": ("doctor_command", "doctor"),
    "completion": ("completions", "completion"),
}
"""The module and function of each command."""

_HELP_NAMES: Final = {"help_option_names": ["-h", "--help"]}
_EXAMPLES: Final[dict[str, list[tuple[str, str]]]] = {
    MAIN: [
        ("anyscribe talk.mp3", "text to standard output"),
        ("anyscribe talk.mp3 -o talk.srt", "subtitles, from any model"),
        ("anyscribe 'talks/**/*.m4a' -f srt,text -o out/", "a batch: out/ mirrors talks/"),
        ("anyscribe talk.mp3 --local --stream", "on this machine, text as it comes"),
        ("ffmpeg -i film.mov -f flac - | anyscribe - | wc -w", "in a pipe"),
    ],
    "align": [
        ("anyscribe align talk.mp3 script.txt -o talk.srt", "subtitles from a text that you have"),
        ("anyscribe align film.mkv film.srt -o film.new.srt", "subtitles that are out of step"),
        ("anyscribe align film.mkv film.srt --only-shift", "move all cues alike"),
    ],
    "review": [
        ("anyscribe review talks/", "talks/review.html: what looks wrong in its recordings"),
        ('anyscribe review "$(anyscribe store path)" -o review.html', "all that was transcribed"),
    ],
    "serve": [("anyscribe serve --model small --alias whisper-1", "for programs that insist on whisper-1")],
    "store": [
        ("anyscribe store list", "what was paid for"),
        ("anyscribe store prune --older-than 365", "delete what is older than a year"),
    ],
    "models": [("anyscribe models --base-url http://localhost:8000/v1", "also those of a server")],
    "config": [("anyscribe config --profile groq", "what would be used, and where each value comes from")],
    "login": [("anyscribe login groq", "asks for the key, tries it, and stores it")],
    "doctor": [("anyscribe doctor --profile groq", "also its server and key")],
    "completion": [("anyscribe completion fish > ~/.config/fish/completions/anyscribe.fish", "for fish")],
}


class _Command(typer.core.TyperCommand):
    """A command whose help is `anyscribe.cli.help_page`."""

    def get_help_option(self, ctx: typer.Context) -> typer.core.TyperOption | None:  # type: ignore[override] # click types its own
        """Return the option that shows the help, on the stream that this run was given."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Show this help."
            option.callback = _show_help  # type: ignore[assignment] # as above
        return option

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override] # as above
        """Write the help."""
        return self.page(ctx).text(shutil.get_terminal_size().columns)

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # as above
        """Return the words after the command's name, as they are typed; Typer puts braces around some."""
        arguments = [parameter for parameter in self.params if parameter.param_type_name == "argument"]
        return ["[OPTIONS]", *(parameter.make_metavar(ctx) for parameter in arguments)]

    def page(self, ctx: typer.Context) -> HelpPage:
        """Gather what the help shows.

        Args:
            ctx: The command's context.
        """
        name = self.name or ""
        others = _subcommands() if name == MAIN else []
        return page_of(self, ctx, others, _EXAMPLES.get(name, []))


class _Commands(Mapping[str, _Command]):
    """The commands by name; each is built when it is first needed, since that takes a few milliseconds."""

    def __getitem__(self, name: str) -> _Command:
        return _built(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


@functools.cache
def _built(name: str) -> _Command:
    # The help is made here; rich is not needed for it.
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command(name, context_settings=_HELP_NAMES, cls=_Command)(_function(name))
    return typer.main.get_command(app)  # type: ignore[return-value] # its class is set above


def _function(name: str) -> Callable[..., Any]:
    module, function = _HOMES[name]
    found: Callable[..., Any] = getattr(importlib.import_module(f"anyscribe.cli.{module}"), function)
    return found


class _Program(typer.core.TyperGroup):
    """Takes arguments that name no subcommand for the main command's: ``anyscribe talk.mp3``, ``anyscribe --help``.

    ``anyscribe help serve`` stands for ``anyscribe serve --help``, and ``transcribe`` names the main command. A file
    with the name of a subcommand is reached as ``./serve``.
    """

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        *rest: Any,  # noqa: ANN401 - as Typer has it
        **extra: Any,  # noqa: ANN401 - likewise
    ) -> typer.Context:
        """Make the context of the command that the first argument chooses, with what the environment sets."""
        if args[:1] == [_HELP]:
            args = _asking_for_help(args[1:])
        name = args[0] if args and args[0] in self.commands else None
        command = self.commands[name or MAIN]
        shown = info_name if name in (None, MAIN) else f"{info_name} {name}"
        invocation = extra.get("obj")
        if not extra.get("resilient_parsing"):
            # A press of Tab needs no settings.
            environ = os.environ if invocation is None else invocation.environ
            extra["default_map"] = Settings(command, self.commands, environ)  # type: ignore[arg-type] # they are TyperCommands
        return command.make_context(shown, args[1:] if name else args, *rest, **extra)  # type: ignore[return-value] # click types its own

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override] # noqa: ANN401 - as Typer has it
        """Run the command that was chosen."""
        try:
            return ctx.command.invoke(ctx)
        except OptionError as error:
            raise _with_place(error, ctx) from error.__cause__


def _with_place(error: OptionError, ctx: typer.Context) -> OptionError:
    """Say in an error where the option was set, if that was not on the command line."""
    place = setting_of(ctx, error.option, None).place
    if place:
        error.message = Sentence("{} (set by {})", error.message, place)
    return error


def _asking_for_help(words: list[str]) -> list[str]:
    """Return the arguments that ``anyscribe help WORDS`` stands for."""
    if words and words[0] not in _HOMES and not words[0].startswith("-"):
        raise UsageError(f"there is no command {words[0]}", remedy=f"the commands are {', '.join(_HOMES)}")
    return [*words[:1], "--help"]


def _show_help(ctx: typer.Context, _parameter: Any, is_wanted: bool) -> None:  # noqa: ANN401, FBT001 - Typer calls it so
    if is_wanted and not ctx.resilient_parsing:
        StandardOutput(ctx.obj.stdout).write(ctx.get_help().encode())
        raise typer.Exit


program: typer.core.TyperGroup = _Program(name="anyscribe", commands=_Commands())  # type: ignore[arg-type] # it is only read


def pages() -> Mapping[str, HelpPage]:
    """Gather the help of every command, by how the command is called; the main one first."""
    found = {}
    for name, command in _Commands().items():
        shown = "anyscribe" if name == MAIN else f"anyscribe {name}"
        found[shown] = command.page(command.make_context(shown, [], resilient_parsing=True))  # type: ignore[arg-type] # click types its own
    return found


def _subcommands() -> Entries:
    """List the subcommands and the first sentence of what each does."""
    return [(name, (_function(name).__doc__ or "").partition("\n")[0]) for name in _HOMES if name != MAIN]
