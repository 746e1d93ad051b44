"""What ``--help`` and the manual page show of a command, gathered from its flags once for both."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.cli.settings import variable_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import typer
    import typer.core

_LONGEST_LINE: Final = 100
_LONGEST_TERM: Final = 27
_INDENT: Final = 2

Entries = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """The parts of a page.

    Args:
        usage: How the command is written, one line each.
        summary: What it does, in paragraphs.
        groups: The flags by group: each group's title, and for each flag how it is written and what it does.
        examples: A command line and a comment each.
        commands: The other commands and what they do; empty for a subcommand.
        notes: Paragraphs at the end, with a title each.
    """

    usage: Sequence[str]
    summary: Sequence[str]
    groups: Mapping[str, Entries]
    examples: Entries
    commands: Entries
    notes: Entries

    def text(self, columns: int) -> str:
        """Write the page for a terminal.

        Args:
            columns: The terminal's width.
        """
        width = max(min(columns, _LONGEST_LINE), 2 * _LONGEST_TERM)
        parts = ["\n".join(f"{'Usage:' if not number else '      '} {line}" for number, line in enumerate(self.usage))]
        parts += [textwrap.fill(paragraph, width) for paragraph in self.summary]
        parts += [_section(title, entries, width) for title, entries in self.groups.items()]
        if self.examples:
            longest = max(len(line) for line, _ in self.examples)
            lines = [f"  {line.ljust(longest)}  # {comment}" for line, comment in self.examples]
            parts.append("\n".join(["Examples", *lines]))
        if self.commands:
            parts.append(_section("Commands", self.commands, width))
        for title, paragraph in self.notes:
            filled = textwrap.fill(
                paragraph, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False
            )
            parts.append(f"{title}\n{filled}")
        return "\n\n".join(parts) + "\n"


def _section(title: str, entries: Entries, width: int) -> str:
    column = _INDENT + min(max(len(term) for term, _ in entries), _LONGEST_TERM) + 2
    lines = [title]
    for term, text in entries:
        wrapped = textwrap.wrap(text, width - column) or [""]
        head = f"  {term}"
        if len(head) + 2 <= column:
            lines.append(head.ljust(column) + wrapped.pop(0))
        else:
            lines.append(head)
        lines += [" " * column + line for line in wrapped]
    return "\n".join(lines)


def page_of(command: typer.core.TyperCommand, ctx: typer.Context, commands: Entries, examples: Entries) -> HelpPage:
    """Gather a command's page.

    Args:
        command: The command.
        ctx: Its context.
        commands: The other commands to name.
        examples: Its examples.
    """
    groups: dict[str, Entries] = {}
    for parameter in command.get_params(ctx):
        group = getattr(parameter, "rich_help_panel", None) or "General"
        groups.setdefault(group, []).append((_written(parameter, ctx), _explained(parameter)))
    pieces = " ".join(command.collect_usage_pieces(ctx))
    usage = [f"{ctx.command_path} {pieces}"]
    if commands:
        usage.append(f"{ctx.command_path} COMMAND [OPTIONS]")
    summary = [" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n")]
    return HelpPage(usage, summary, groups, examples, commands, _environment(command, ctx))


def _written(parameter: Any, ctx: typer.Context) -> str:  # noqa: ANN401 - a parameter of Typer's
    """Write a flag with its value: ``-m, --model NAME``."""
    metavar = parameter.make_metavar(ctx)
    if parameter.param_type_name == "argument":
        return str(metavar)
    names = sorted(parameter.opts, key=len) + list(parameter.secondary_opts)
    takes_value = not (parameter.is_flag or parameter.count)
    return ", ".join(names) + (f" {metavar}" if takes_value else "")


def _explained(parameter: Any) -> str:  # noqa: ANN401 - a parameter of Typer's
    text = str(parameter.help or "")
    default = parameter.default
    if not isinstance(default, int | float | str) or isinstance(default, bool) or default == 0:
        return text
    written = getattr(default, "value", default) if isinstance(default, str) else f"{default:g}"
    return f"{text} Default: {written}."


def _environment(command: typer.core.TyperCommand, ctx: typer.Context) -> Entries:
    """Name the variables that the command reads; none makes no note."""
    names = [variable_of(command.name or "", parameter) for parameter in command.get_params(ctx)]
    listed = ", ".join(name for name in names if name)
    if not listed:
        return []
    text = f"Each option can also be set in config.toml, or by a variable; the option wins: {listed}."
    if any(parameter.name == "base_url" for parameter in command.params):
        text += (
            " ANYSCRIBE_CONFIG names another file. The key is read from ANYSCRIBE_API_KEY; otherwise from where the "
            "profile says, from ANYAPI_API_KEY, OPENAI_API_KEY, GROQ_API_KEY or MISTRAL_API_KEY, each for its own "
            "server alone, or from where anyscribe login has put it."
        )
    return [("Environment", text)]
