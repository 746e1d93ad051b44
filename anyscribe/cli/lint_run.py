"""One run of ``anyscribe lint``: which files, with which recordings, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.batch.writing import write_whole
from anyscribe.cli.exit_codes import ExitCode, code_of
from anyscribe.cli.lint_reports import FileReport, Style, annotations_of, counts_of, json_of, lines_of
from anyscribe.cli.listening import listen
from anyscribe.cli.messages import name_of
from anyscribe.errors import AnyscribeError, AudioError, UsageError
from anyscribe.formats.cue_files.reading import READERS, read
from anyscribe.languages import all_codes, language_code
from anyscribe.lint.judging import judge
from anyscribe.sentence import Option, Sentence
from anyscribe.terminal.capability import can_erase
from anyscribe.terminal.colors import color_choice
from anyscribe.terminal.display import Display, DisplayOptions
from anyscribe.terminal.output import StandardOutput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.cli.invocation import Invocation
    from anyscribe.subtitles.profiles import NamedProfile

_IN_FOLDERS: Final = frozenset(READERS) - {".xml"}
"""XML in a folder may be anything."""


@dataclass(frozen=True)
class LintRun:
    """A run.

    Args:
        profile: The publisher's limits.
        has_frame_rate: Whether the user gave the frame rate, so that the film's own does not count.
        language: The language of the text; None for what each file says.
        track: The audio track of recordings.
        wanted: The names of the rules that count.
        fixes: Whether files are mended.
        style: How findings are written.
        is_quiet: Whether only findings and errors are shown.
        invocation: What the process gives.
    """

    profile: NamedProfile
    has_frame_rate: bool
    language: str | None
    track: str | int | None
    wanted: frozenset[str]
    fixes: bool
    style: Style
    is_quiet: bool
    invocation: Invocation

    def run(self, inputs: Sequence[str]) -> ExitCode:
        """Judge files, and mend them if that is wanted.

        Args:
            inputs: Subtitles, folders and recordings, as typed.

        Returns:
            The exit code; errors about single files have been shown.
        """
        options = DisplayOptions(
            quiet=self.is_quiet,
            verbosity=self.invocation.verbosity,
            is_colored=color_choice(self.invocation.environ),
            can_erase=can_erase(self.invocation.environ),
            name_of=name_of,
        )
        display = Display(self.invocation.stderr, options)
        output = StandardOutput(self.invocation.stdout)
        reports: list[FileReport] = []
        errors: list[AnyscribeError] = []
        for path, recording in _pairs(inputs):
            try:
                report = self._report(path, recording, display)
            except AnyscribeError as error:
                display.failure(error, str(recording if isinstance(error, AudioError) else path))
                errors.append(error)
                continue
            reports.append(report)
            self._write_now(report, output)
        if self.style is Style.JSON:
            output.write(f"{json_of(reports)}\n".encode("utf-8", "replace"))
        elif self.style is Style.COUNTS:
            output.write("".join(f"{line}\n" for line in counts_of(reports)).encode())
        found = [one for report in reports for one in report.violations]
        if reports or not errors:
            self._sum_up(reports, display)
        if errors:
            return ExitCode.SOME_FAILED if reports else code_of(errors[0])
        return ExitCode.FINDINGS if found else ExitCode.DONE

    def _report(self, path: Path, recording: Path | None, display: Display) -> FileReport:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"it cannot be read ({error.strerror})", remedy="check the path") from error
        extension = path.suffix.lower()
        language = self.language or _language_in_name(path)
        document = read(content, extension, language)
        if not document.cues and b"\0" in content and not document.encoding.startswith(("utf-16", "utf-32")):
            raise UsageError("it is no text", remedy="name a file of subtitles")
        language = language or language_code(document.language or "-")
        profile, sound = self.profile, None
        if recording is not None:
            sound, frame_rate = listen(
                recording, document, language, self.track, notice=lambda text: display.notice(text, str(path))
            )
            if frame_rate and not self.has_frame_rate:
                profile = replace(profile, cues=replace(profile.cues, frame_rate=frame_rate))
        judgement = judge(content, extension, profile, language=language, sound=sound, wanted=self.wanted)
        violations, mended = judgement.violations, 0
        if self.fixes and violations:
            if not document.is_readable:
                display.notice("not mended: not all of it was understood", str(path))
            elif judgement.mended != content:
                write_whole(path, judgement.mended, overwrite=True)
                mended = sum(one.is_mendable for one in violations)
                violations = judgement.left
        shown = None if recording is None else str(recording)
        return FileReport(str(path), violations, profile.name, language, shown, mended)

    def _write_now(self, report: FileReport, output: StandardOutput) -> None:
        """Write what does not wait for the other files."""
        if self.style is Style.GITHUB:
            lines = annotations_of(report)
        elif self.style is Style.LINES:
            choice = color_choice(self.invocation.environ)
            lines = lines_of(report, is_colored=output.is_terminal if choice is None else choice)
        else:
            return
        text = "".join(f"{line}\n" for line in lines)
        with output.translated() as stream:
            stream.write(text)

    def _sum_up(self, reports: Sequence[FileReport], display: Display) -> None:
        """Say at the end how much was found."""
        found = [one for report in reports for one in report.violations]
        mended = sum(report.mended for report in reports)
        mendable = sum(one.is_mendable for one in found)
        parts = [f"{len(reports):,} {'file' if len(reports) == 1 else 'files'}"]
        if self.fixes:
            parts.append(f"{mended:,} mended")
        parts.append(f"{len(found):,} {'finding' if len(found) == 1 else 'findings'}{' left' if self.fixes else ''}")
        if mendable and not self.fixes:
            display.notice(Sentence(f"{', '.join(parts)}, {{}} mends {mendable:,}", Option("fix")))
        else:
            display.notice(", ".join(parts))


def _pairs(inputs: Sequence[str]) -> list[tuple[Path, Path | None]]:
    """Return the files of subtitles, each once, with the recording of the same name if there is one.

    Raises:
        UsageError: There are no subtitles, or a recording goes with none of them.
    """
    named: list[Path] = []
    recordings: list[Path] = []
    for given in dict.fromkeys(map(Path, inputs)):
        if given.is_dir():
            inside = (path for path in given.rglob("*") if path.suffix.lower() in _IN_FOLDERS and path.is_file())
            named += sorted(inside)
        elif given.suffix.lower() in READERS:
            named.append(given)
        else:
            recordings.append(given)
    subtitles = list(dict.fromkeys(named))
    if not subtitles:
        kinds = ", ".join(READERS)
        raise UsageError("there are no subtitles", remedy=f"name files that end in {kinds}, or folders of them")
    if len(subtitles) == len(recordings) == 1:
        return [(subtitles[0], recordings[0])]
    pairs = {path: _recording_of(path, recordings) for path in subtitles}
    for recording in recordings:
        if recording not in pairs.values():
            message = f"{recording} goes with none of the subtitles"
            raise UsageError(message, remedy="name subtitles as their recording, as film.srt and film.mkv")
    return list(pairs.items())


def _recording_of(path: Path, recordings: Sequence[Path]) -> Path | None:
    """Return the recording with the longest name that a file's name begins with: film.mkv for film.de.srt."""
    fitting = [one for one in recordings if path.name.startswith(f"{one.stem}.")]
    return max(fitting, key=lambda one: (len(one.stem), one.parent == path.parent), default=None)


def _language_in_name(path: Path) -> str | None:
    """Return the language that a name such as ``film.de.srt`` has."""
    code = Path(path.stem).suffix[1:].partition("-")[0].lower()
    return code if code in all_codes() else None
