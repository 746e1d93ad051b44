"""Stretches of a transcript that are doubted: asked for again alone, and put in where the new answer is better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyscribe.audio import PieceLimits
from anyscribe.errors import AnyscribeError
from anyscribe.events import Notice
from anyscribe.recording.answers import question_of
from anyscribe.recording.judging import Reheard, judge
from anyscribe.recording.progress import PieceProgress
from anyscribe.recording.sections import Section, digest_of_sound
from anyscribe.recording.speakers import as_in
from anyscribe.recording.splicing import splice
from anyscribe.recording.stitching import Part, stitch
from anyscribe.recording.stretches import (
    SAMPLES_PER_MS,
    PassingSound,
    Reach,
    between_pauses,
    doubted_stretches,
    wanted_span,
)
from anyscribe.recording.tokens import tokens_of
from anyscribe.request import PCM_RATE_HZ
from anyscribe.sentence import Sentence
from anyscribe.store import Stretch
from anyscribe.subtitles.sentences import to_segments
from anyscribe.timespan import Span, overlap_ms, shift
from anyscribe.transcript import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anyscribe.audio import Recording
    from anyscribe.events import Emit
    from anyscribe.recording.answers import RecordingAnswers
    from anyscribe.recording.budget import Budget
    from anyscribe.recording.pipeline import Pipeline
    from anyscribe.recording.stretches import DoubtedStretch
    from anyscribe.request import TranscriptionRequest
    from anyscribe.result import Result
    from anyscribe.sentence import Text
    from anyscribe.transcript import Finding, Transcript

_FARTHEST_MS: Final = 60_000
_FAR_MS: Final = 10_000
"""How far around a stretch words are looked for, beyond a silence: text is only removed if there are some."""

_SURROUNDINGS_MS: Final = 2_000
_LEAST_SAMPLES: Final = PCM_RATE_HZ
"""Servers refuse less sound."""

_TRIES: Final = (Reach(1_500, 4), Reach(6_000, 12))
"""The second time more is heard, so that the engine begins elsewhere; and no prompt is sent, which can cause loops."""


@dataclass(frozen=True, slots=True)
class Repairer:
    """Repairs the transcripts of recordings.

    Args:
        pipeline: Cuts, asks and analyses.
        request: What is asked.
        budget: What may still be asked about.
    """

    pipeline: Pipeline
    request: TranscriptionRequest
    budget: Budget

    def repair(self, audio: Recording, result: Result, answers: RecordingAnswers, emit: Emit) -> Result:
        """Ask again for what is doubted, at most twice for each stretch.

        Args:
            audio: The recording.
            result: Its result, checked.
            answers: Keeps the answers.
            emit: Takes a notice for each stretch.

        Returns:
            The result with what is better, and with the findings that remain; the same result if nothing is. A stretch
            that cannot be asked for stays as it was: the rest is paid for.
        """
        transcript = result.transcript
        doubts = [finding for finding in transcript.findings if finding.doubt is not None]
        if not doubts:
            return result
        stretches = doubted_stretches(doubts, transcript.duration_ms or audio.duration_ms or 0)
        if any(one.span is None for one in doubts) or (transcript.text.strip() and not tokens_of(transcript)):
            emit(Notice("text without times cannot be repaired", of_recording=True))
            return result
        with self.pipeline.resources.scratch.folder() as folder:
            run = _Run(self, audio, answers, emit, folder)
            for stretch in stretches:
                try:
                    transcript = run.repaired(transcript, stretch)
                except AnyscribeError as error:
                    run.tell(stretch, Sentence("was not repaired: {}", error.message))
                    break
        return result if transcript is result.transcript else replace(result, transcript=transcript, rendering=None)


class _Run:
    """One recording that is being repaired."""

    def __init__(
        self, repairer: Repairer, audio: Recording, answers: RecordingAnswers, emit: Emit, folder: Path
    ) -> None:
        self._repairer = repairer
        self._channel = audio.selection.channel
        self._answers = answers
        self._emit = emit
        self._maker = repairer.pipeline.maker(folder, PieceLimits)
        self._sound = PassingSound(audio.pcm())
        self._progress = PieceProgress(emit, repairer.pipeline.bandwidth, None)
        self._count = 0

    def repaired(self, transcript: Transcript, stretch: DoubtedStretch) -> Transcript:
        """Return the transcript with a better text for a stretch, if there is one."""
        may_remove = any(finding.doubt is Doubt.UNSPOKEN for finding in stretch.findings)
        far_ms = _FARTHEST_MS if may_remove else _FAR_MS
        start = max(0, stretch.span.start_ms - _FARTHEST_MS - _SURROUNDINGS_MS) * SAMPLES_PER_MS
        end = (stretch.span.end_ms + far_ms + _SURROUNDINGS_MS) * SAMPLES_PER_MS
        pcm = self._sound.take(start, end)
        tokens = tokens_of(transcript)
        request = self._repairer.request
        asked: set[tuple[int, int, str | None]] = set()
        objection = ""
        for reach in _TRIES:
            bounds = wanted_span(stretch.span, tokens, reach, far_ms)
            first, after = between_pauses(bounds, pcm, start)
            if (first, after, request.prompt) in asked or after - first < _LEAST_SAMPLES:
                break
            asked.add((first, after, request.prompt))
            new, heard = self._heard_again(pcm[2 * (first - start) : 2 * (after - start)], first, request)
            if transcript.segments and not new.segments:
                new = replace(new, segments=to_segments(new))
            new = as_in(transcript, new)
            again = Reheard(new, tokens_of(new), heard, Span(first // SAMPLES_PER_MS, after // SAMPLES_PER_MS))
            verdict = judge(tokens, again, stretch.span, stretch.findings)
            if verdict.joint is not None:
                spliced = splice(transcript, tokens, new, again.tokens, verdict.joint)
                reasons = ", ".join(dict.fromkeys(finding.message for finding in stretch.findings))
                self.tell(stretch, f"was asked for again and {verdict.outcome}; before: {reasons}")
                return replace(spliced, findings=_findings(transcript, stretch, new))
            objection = verdict.outcome
            request = replace(request, prompt=None)
        if asked:
            times = "asked for again" if len(asked) == 1 else "asked for again twice"
            self.tell(stretch, f"was {times} and stays as it was: {objection}")
        return transcript

    def _heard_again(
        self, pcm: bytes, start_sample: int, request: TranscriptionRequest
    ) -> tuple[Transcript, Sequence[Span]]:
        """Return what is said in some sound, and where speech is in it, with times from the recording's start."""
        (piece,) = self._maker.cut([pcm], None)
        piece = replace(piece, number=self._count, start_sample=start_sample)
        self._count += 1
        span = Span(piece.start_ms, piece.end_ms)
        emit = self._progress.of_piece(piece.number, span)
        pipeline = self._repairer.pipeline
        speech = pipeline.analyzer.detect_speech(piece)
        requester = pipeline.requester.asking(request)
        question = question_of(self._answers.question.server, request, is_repair=True)
        answers = self._answers.about(question, requester)
        stretch = Stretch(start_sample, piece.samples, digest_of_sound([pcm]))
        answer = answers.answer(stretch)
        if answer is None:
            self._repairer.budget.take(piece.duration_ms)
            answer = replace(pipeline, requester=requester).ask(Section(piece, stretch), answers, emit)
            # If it had to be cut, only its parts were kept so far.
            answers.save(stretch, answer)
        transcript = pipeline.analyzer.analyze(piece, answer, speech, emit).transcript
        heard = () if speech is None else pipeline.analyzer.heard(piece, speech).speech
        self._progress.note_done(piece.number, span)
        piece.discard()
        return stitch([Part(span, transcript)], duration_ms=None), [shift(one, span.start_ms) for one in heard]

    def tell(self, stretch: DoubtedStretch, outcome: Text) -> None:
        """Tell the user what became of a stretch."""
        of_channel = "" if self._channel is None else f" of channel {self._channel}"
        self._emit(Notice(Sentence("{}{} {}", str(stretch.span), of_channel, outcome), of_recording=True))


def _findings(old: Transcript, stretch: DoubtedStretch, new: Transcript) -> tuple[Finding, ...]:
    """Return what is found about a transcript, with what is found about the new text of a stretch."""

    def is_of_it(finding: Finding) -> bool:
        span = finding.span
        return span is not None and 2 * overlap_ms(span, stretch.span) >= span.length_ms

    kept = [one for one in old.findings if one not in stretch.findings and not is_of_it(one)]
    kept += [one for one in new.findings if one.span is not None and overlap_ms(one.span, stretch.span) > 0]
    return tuple(sorted(kept, key=lambda one: (one.span is None, one.span or Span(0, 0))))
