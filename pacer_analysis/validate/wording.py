"""What each rule says in one plain sentence, with the letter under which REDCap has it."""

from __future__ import annotations

SEALED = "sealed_"
# Rule: the letter of REDCap's own data quality rule or '', and a sentence.
WORDS: dict[str, tuple[str, str]] = {
    # REDCap's rules
    "blank": ("A", "A field that is asked has no value. Blanks are counted in the table of completeness and not listed one by one; a checkbox with no box ticked counts as blank."),
    "required": ("B", "A required field is blank although branching logic shows it and its form was opened; a missing-data code is an answer."),
    "type": ("C", "The value cannot be read as what its field holds: a date, a time, a number."),
    "pattern": ("C", "The text does not have the form that its field asks for: an e-mail address, a telephone number, a postal code, a time with seconds."),
    "range": ("D", "The value lies outside the range of its field, both ends included; an error where the form enforces the range, else admissible and a warning."),
    "outlier": ("E", "The number lies far from the other numbers of its field, as measured and on the scale of its logarithm; it may be right."),
    "hidden": ("F", "Branching logic hides the field, and yet it holds a value."),
    "choice": ("G", "The value is none of the choices of its field; choices that are no longer offered are choices all the same."),
    "calculation": ("H", "The stored result of a calculation is not the one that its fields give now."),
    "missing_code": ("I", "A missing-data code stands in place of a value."),
    # what else a dictionary and a project say
    "missing_code_collision": ("", "A missing-data code could as well be a value of the field: one of its choices, or a number within its range."),
    "complete_with_blanks": ("", "The form is marked complete although required fields of it are blank."),
    "none_of_the_above": ("", "An option that excludes all others is ticked together with another."),
    "ranking": ("", "Two questions of a ranking have the same rank."),
    "secondary_unique": ("", "Two records have the same value in a field that must be unique."),
    "group_unassigned": ("", "The record is in no data access group, although others are."),
    "group_unknown": ("", "The record is in a data access group that the project does not have."),
    "group_differs": ("", "Rows of the same record are in different data access groups."),
    "group_prefix": ("", "The id of the record begins with the number of another data access group."),
    "dictionary": ("", "The dictionary refers to something that is not there, or part of it cannot be read; what depends on it was not checked."),
    # rows and files
    "key": ("", "Two rows have the same key."),
    "duplicate_row": ("", "The row is there a second time."),
    "linkage": ("", "The record is not in the source that this one belongs to."),
    "same_person": ("", "Date of birth and another identifier are those of a record with another id: it may be the same person."),
    "structure": ("", "The rows of the export do not fit the events and forms of the project."),
    "no_rows": ("", "The file has a header and no rows."),
    "unknown_column": ("", "The export has a column that the dictionary does not have."),
    "missing_column": ("", "The dictionary has a field that the export does not have."),
    "encoding": ("", "The file is not in UTF-8; it was read by another encoding."),
    "column_names": ("", "A name of a column is not as the dictionary writes it: other letters, shortened, or cut by the format of the file."),
    "collision": ("", "Two options of a checkbox have the same column, because their codes differ in letters that a column name does not keep."),
    "unknown_option": ("", "A column looks like an option of a checkbox that the dictionary does not have."),
    "labels": ("", "Labels of values and the dictionary do not agree, or labels were turned back into codes."),
    "decimal": ("", "Numbers are written with a decimal comma where the dictionary has a point."),
    "damage": ("", "Cells show what a spreadsheet program or R makes of an export: days out of ids, exponents, lost zeros, lost letters."),
    "storage": ("", "The file stores a field as another type than the dictionary says."),
    "crosscheck": ("", "Two programs read the file differently, or only one can read it."),
    "instances": ("", "The instances of a repeating form have gaps, or repeats have no base row."),
    "empty_record": ("", "Records have rows, and no answer in any form."),
    "not_read": ("", "A filled column belongs to no form and was not read."),
    "odm": ("", "Something in the project XML was read in another way than it is written."),
    "accepted": ("", "A query is accepted in the list of accepted queries, but there is no such query."),
    # what the plan says
    "after_cutoff": ("", "The date is after the cut-off, or after the day of the export."),
    "truncated": ("", "Dates between the cut-off and the day of the export were left out."),
    "visit_window": ("", "The visit is outside the window of its event; for information if it is some days late or early, a warning if it may be another visit."),
    "visit_order": ("", "The visit is dated before an earlier visit of the schedule."),
    "after_death": ("", "A visit, a sample, a contact or an attendance is dated after the participant's death."),
    "event_before_origin": ("", "An event that happens once is dated before the participant entered the trial."),
    "contact_without_date": ("", "The contact has no date and cannot be used."),
    "contact_without_due": ("", "The contact says no day for the next one. Such contacts are counted, not listed."),
    "due_not_after_contact": ("", "The day on which the next contact is due is not after the contact."),
    "due_far_after_contact": ("", "The next contact is due more than a year after this one."),
    "viral_load": ("", "The viral load is neither a number, nor a limit such as <20, nor words for not detected."),
    "viral_load_log10": ("", "The log10 is not that of the viral load."),
    "viral_load_without_date": ("", "The viral load has no date and cannot be used."),
    "negative_time": ("", "The time is negative: what ends before it begins is not observed."),
    "allocation_twice": ("", "The participant is allocated more than once."),
    "allocation_arm": ("", "The arm is none of the plan's."),
    "allocation_unknown": ("", "The participant allocated is not in the participants' export."),
    "allocation_not_randomised": ("", "The participant is allocated but has no date of randomisation."),
    "allocation_missing": ("", "The participant is randomised but not in the allocation list."),
    "allocation_date": ("", "The day of allocation is not the day of randomisation."),
    "allocation_order": ("", "A later place of the sequence was used before an earlier one of its stratum."),
    "allocation_sequence": ("", "The place of the sequence does not follow the one before it in its stratum."),
}


def words(rule: str) -> tuple[str, str]:
    """REDCap's letter of a rule ('' if it is none of its own) and what the rule says; two blanks for a rule that people wrote."""
    return WORDS.get(rule.removeprefix(SEALED), ("", ""))
