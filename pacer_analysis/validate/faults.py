"""What is wrong with an expression, seen from the dictionary: names, events, codes that are not there, or are spelled otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project, checkbox_column
from pacer_analysis.logic.expression import Call, Literal, Reference, walk
from pacer_analysis.logic.smart import EVENTS, is_answered, is_servers, is_smart
from pacer_analysis.validate.described import STATUS, TICKED, missing_codes_of
from pacer_analysis.validate.layout import NOWHERE, Layout
from pacer_analysis.validate.located import OWN_INSTANCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pacer_analysis.logic import Expression
    from pacer_analysis.logic.expression import Node
    from pacer_analysis.read import Reading


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: in a source, on a form, in an event if it is one alone; `linked` is what `[event]` means in a flat source."""

    reading: Reading
    linked: Reading | None = None
    form: str = ""
    event: str = ""

    def of(self, reference: Reference) -> Reading | None:
        """The source that a reference is to."""
        flat = not isinstance(self.reading.dictionary, Project)
        return self.linked if flat and reference.event else self.reading


def faults(scope: Scope, expression: Expression) -> list[str]:
    """Each fault once, as the end of a sentence: "refers to [x], which the project does not have"."""
    found = [fault for reference in expression.references for fault in _of_reference(scope, reference)]
    found += [fault for node in walk(expression.root) for fault in _of_comparison(scope, node)]
    return list(dict.fromkeys(found))


def _of_reference(scope: Scope, reference: Reference) -> Iterator[str]:
    if is_smart(reference.field):
        if not is_answered(reference.field) and not is_servers(reference.field):
            yield f"refers to {reference}, which is no smart variable of REDCap"
        return
    reading = scope.of(reference)
    if reading is None:
        yield f"refers to {reference}, but the source is linked to none that has events"
    elif isinstance(reading.dictionary, Project):
        yield from _of_field(reading, reading.dictionary, reference)
        yield from _of_place(scope, reading, reading.dictionary, reference)
    elif reference.field not in reading.dictionary.fields and reference.field != reading.record:
        yield f"refers to {reference}, which the source does not have"


def _of_field(reading: Reading, project: Project, reference: Reference) -> Iterator[str]:
    """The field and the code."""
    field = project.dictionary.fields.get(reference.field)
    if field is None:
        columns = {column for field in project.dictionary.fields.values() for column in field.columns} if "___" in reference.field else set()
        if _status_form(project, reference.field) is None and reference.field not in columns:
            yield f"refers to {reference}, which the project does not have"
    elif field.type == "descriptive":
        yield f"refers to {reference}, a descriptive text, which holds no value"
    elif field.type == "checkbox" and not reference.code:
        yield f"refers to {reference} without a code, but the field is a checkbox"
    elif field.type != "checkbox" and reference.code:
        yield f"refers to {reference} with a code, but the field is no checkbox"
    elif reference.code and field.choices and reference.code not in (codes := {*field.choices, *missing_codes_of(reading)}):
        column = checkbox_column(field.name, reference.code)
        like = next((code for code in codes if checkbox_column(field.name, code) == column), None) or _alike(reference.code, codes)
        yield f"refers to {reference}, but the code is written {like}" if like else f"refers to {reference}, a code which the field does not have"


def _of_place(scope: Scope, reading: Reading, project: Project, reference: Reference) -> Iterator[str]:
    """The event and the instance."""
    layout = Layout(project)
    field = project.dictionary.fields.get(reference.field)
    form = field.form if field else _status_form(project, reference.field)
    events: Collection[str] = project.events_of(form) if form else ()
    if reference.event and reference.event not in EVENTS:
        place = layout.place(reference.event)
        if place == NOWHERE and not reading.events_known:
            return      # that it is not in the export says nothing of the project
        if place == NOWHERE:
            yield f"refers to {reference}, but the project has no event {reference.event}"
            return
        events = (layout.names[place],)
        record_id = reference.field == project.dictionary.record_id
        if form and project.mapped and not record_id and form not in project.mapping[events[0]]:
            yield f"refers to {reference}, but the form {form} is not part of that event"
        own = (scope.event,) if scope.event else project.events_of(scope.form) if scope.form else ()
        arms = {layout.arms[layout.place(event)] for event in own if layout.place(event) != NOWHERE}
        if arms and layout.arms[place] not in arms:
            yield f"refers to {reference}, an event of another arm, where it is always blank"
    if form and reference.instance not in OWN_INSTANCE and project.repeating and not any(project.repeats(event, form) or project.event_repeats(event) for event in events):
        yield f"refers to {reference}, but the form {form} does not repeat"


def _status_form(project: Project, name: str) -> str | None:
    """The form whose status a name is."""
    form = name.removesuffix("_complete")
    return form if form != name and form in project.dictionary.forms else None


def _of_comparison(scope: Scope, node: Node) -> Iterator[str]:
    """A choice that is compared with what is none of its codes, or with one in another spelling."""
    if not isinstance(node, Call) or node.name not in {"=", "<>"}:
        return
    for reference, other in (node.operands, reversed(node.operands)):
        if not isinstance(reference, Reference) or reference.show:
            continue
        text, codes = _written(other), _codes(scope, reference)
        if not text or not codes or text in codes:
            continue
        like = _alike(text, codes)
        if like:
            yield f"compares {reference} with {text!r}, but the code is written {like}"
        else:
            yield f"compares {reference} with {text!r}, which is none of its codes"


def _written(node: Node) -> str:
    """A text or a number as it is written in an expression, '' for anything else."""
    if isinstance(node, Call) and node.name == "negative" and isinstance(node.operands[0], Literal) and node.operands[0].text:
        return f"-{node.operands[0].text}"
    if not isinstance(node, Literal) or isinstance(node.value, bool):
        return ""
    return node.value if isinstance(node.value, str) else node.text


def _codes(scope: Scope, reference: Reference) -> set[str]:
    """Every code that a reference can have, none if it can be anything."""
    reading = scope.of(reference)
    if reading is None:
        return set()
    codes: Collection[str]
    if isinstance(reading.dictionary, Project):
        field = reading.dictionary.dictionary.fields.get(reference.field)
        if field is None:
            codes = STATUS if _status_form(reading.dictionary, reference.field) else ()
        elif field.type == "checkbox":
            codes = TICKED
        else:
            codes = field.choices if field.kind == "choice" else ()
    else:
        flat = reading.dictionary.fields.get(reference.field)
        codes = flat.codes if flat else ()
    return {*codes, *missing_codes_of(reading)} if codes else set()


def _alike(text: str, codes: Collection[str]) -> str:
    """The code that differs from a text in nothing but leading zeros, decimals or case, '' if there is none."""
    from pacer_analysis.logic._texts import plain_number

    number = plain_number(text)
    return next((code for code in sorted(codes) if code.casefold() == text.casefold() or plain_number(code) == number), "")
