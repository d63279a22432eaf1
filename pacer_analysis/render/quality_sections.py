"""The sections of the data-quality report, each with what its files have to show; a section without anything is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pacer_analysis.figures import histogram
from pacer_analysis.render.drawings import Figure
from pacer_analysis.render.monitoring_figures import funnel_blocks, multiples_blocks, strip_blocks
from pacer_analysis.render.views import Block, SectionView
from pacer_analysis.tables import numbers, quality, quality_completeness, quality_corrections, quality_history, quality_monitoring
from pacer_analysis.tables.labels import words
from pacer_analysis.tables.model import Notice, Table

if TYPE_CHECKING:
    from pacer_analysis.render.quality_inputs import QualityInputs

Made = Table | list[Block] | None
Part = tuple[str, Callable[[str], Made]]       # table or figure, and what makes it under its number


def sections(inputs: QualityInputs, events: Mapping[str, str], *, first: bool, order: Sequence[str] = ()) -> list[SectionView]:
    """Every section that has something to show, numbered in order."""
    parts: list[tuple[str, str, str, list[Part]]] = [
        ("open-findings", "Where the open findings are", "", open_findings(inputs, first=first)),
        ("completeness", "Completeness", "", completeness(inputs, events, order)),
        ("monitoring", "Central monitoring", monitoring_note(inputs), monitoring(inputs)),
        ("corrections", "Corrections", "", corrections(inputs, events)),
        ("rules", "Rules", "", rules(inputs)),
        ("sources", "Sources", "", sources(inputs)),
    ]
    found: list[SectionView] = []
    for key, title, note, made in parts:
        number = str(len(found) + 1)
        blocks = laid_out(number, made)
        if blocks:
            found.append(SectionView(key, number, title, tuple(blocks), note))
    return found


def laid_out(place: str, parts: Sequence[Part]) -> list[Block]:
    """The tables and figures of a section under running numbers, each kind its own; what is folded away behind a figure has none."""
    blocks: list[Block] = []
    count = {"table": 0, "figure": 0}
    for kind, build in parts:
        item = build(f"{place}.{count[kind] + 1}")
        made = [Block("table", item)] if isinstance(item, Table) else item or []
        blocks += made
        count[kind] += bool(made) and made[0].kind == kind
    return blocks


def open_findings(inputs: QualityInputs, *, first: bool) -> list[Part]:
    """By site, by form, rule by site, by age, and what became of them since the last cut."""
    source = inputs.source("queries.csv")
    return [
        ("table", lambda number: quality.crossed(inputs.queries, "site", number, "Open findings by site", "Site", first=first, source=source)
         if any(query.get("site") for query in inputs.queries) else None),
        ("table", lambda number: quality.heat(inputs.queries, number, source=source)),
        ("table", lambda number: quality.crossed(inputs.queries, "instrument", number, "Open findings by form", "Form", first=first, source=source)),
        ("table", lambda number: None if first else quality_history.history(inputs.queries, number, str(inputs.cut.get("cutoff", "")), source=source, last=inputs.unit)),
        ("figure", lambda number: [] if first else ages(inputs, number)),
    ]


def ages(inputs: QualityInputs, number: str) -> list[Block]:
    """The histogram of ages and the numbers behind it."""
    kinds, bins = quality_history.ages(inputs.queries)
    if not bins:
        return []
    source = inputs.source("queries.csv")
    title = "Age of open findings"
    oldest = bins[-1]
    scene = histogram.draw("ages", [histogram.Bin(entry.label, entry.counts) for entry in bins], [words(kind) for kind in kinds], title=title,
                           finding=f"{title}: {numbers.count(sum(oldest.counts))} in the oldest group, {oldest.label} days.",
                           x_label="Days since first seen", y_label="Findings", whole=numbers.count)
    return [Block("figure", Figure(number, title, "", "", scene, (), source)), Block("behind", quality_history.ages_table(kinds, bins, "", source=source))]


def completeness(inputs: QualityInputs, events: Mapping[str, str], order: Sequence[str]) -> list[Part]:
    """By form, form by event, and the fields that are blank most often."""
    source = inputs.source("completeness.csv")
    asked = quality_completeness.to_be_entered(inputs.completeness, inputs.texts)
    return [
        ("table", lambda number: quality_completeness.by_form(asked, number, source=source)),
        ("table", lambda number: quality_completeness.by_event(asked, number, events, source=source, order=order)),
        ("table", lambda number: quality_completeness.worst(asked, number, required=True, source=source)),
        ("table", lambda number: quality_completeness.worst(asked, number, required=False, source=source)),
    ]


def monitoring_note(inputs: QualityInputs) -> str:
    """What was compared and how much of it stands out."""
    comparisons, flagged = quality_monitoring.compared(inputs.measures)
    if not comparisons:
        return ""
    found = f"{numbers.count(flagged) if flagged else 'None'} of {numbers.count(comparisons)} comparisons {'stand' if flagged > 1 else 'stands'} out"
    return f"{found}. What stands out is a reason to ask the site, not a finding: nothing here says how it came about, and no arm is known."


def monitoring(inputs: QualityInputs) -> list[Part]:
    """What stands out, the figures, and the methods."""
    source = inputs.source("monitoring.csv")
    return [
        ("table", lambda number: quality_monitoring.stands_out(inputs.monitoring, inputs.measures, number, source=source)),
        ("figure", lambda number: funnel_blocks(inputs, "site_queries", number)),
        ("figure", lambda number: funnel_blocks(inputs, "site_missing", number)),
        ("figure", lambda number: strip_blocks(inputs, "site_missing", number)),
        ("figure", lambda number: strip_blocks(inputs, "site_mean", number)),
        ("figure", lambda number: strip_blocks(inputs, "site_variance", number)),
        ("figure", lambda number: multiples_blocks(inputs, "digit_preference", number)),
        ("figure", lambda number: multiples_blocks(inputs, "weekday", number)),
        ("table", lambda number: quality_monitoring.methods(inputs.measures, number, source=inputs.source("monitoring_measures.csv"))),
    ]


def corrections(inputs: QualityInputs, events: Mapping[str, str]) -> list[Part]:
    """The corrections, or that there are none; nothing where the results are older than corrections."""
    source = inputs.source("corrections.csv")
    if inputs.corrections is None:
        return []
    if not inputs.corrections:
        return [("table", lambda _: [Block("notice", Notice((), "No value was corrected: the tables hold what was exported."))])]
    return [("table", lambda number: quality_corrections.corrections(inputs.corrections or [], number, source=source, events=events))]


def rules(inputs: QualityInputs) -> list[Part]:
    """Every rule in words, with its three outcomes."""
    return [("table", lambda number: quality.by_rule(inputs.rules, inputs.queries, number, source=inputs.source("rules.csv"), wording=inputs.wording))]


def sources(inputs: QualityInputs) -> list[Part]:
    """What was read."""
    return [("table", lambda number: quality.inventory(inputs.inventory, number, alone=not inputs.prefix))]
