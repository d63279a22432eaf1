"""A page as the tests ask about it, and how one is made."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pacer_analysis import render
from tests.snapshots.made_up_results import cut, plan

VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}
REPORTS = ("data_quality", "open", "closed", "final")
FOLDERS = {"open": "open", "closed": "restricted/closed", "final": "restricted/final"}


class Page(HTMLParser):
    """Checks the nesting of elements and collects what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.estimates: list[str] = []
        self.loose: list[str] = []
        self.figures: list[str] = []
        self.outside: list[str] = []
        self.scripts = 0
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.ids += [facts["id"]] if "id" in facts else []
        self.targets += [facts["href"][1:]] if (facts.get("href") or "").startswith("#") else []
        self.targets += (facts.get("aria-labelledby") or "").split()
        self.estimates += [facts["data-estimate"]] if "data-estimate" in facts else []
        self.figures += [facts.get("role") or ""] if tag == "svg" and "aria-hidden" not in facts else []
        self.outside += [value for name, value in attrs if name in ("src", "href", "srcset", "action") and not (value or "").startswith("#")]
        self.scripts += tag == "script"
        if tag not in VOID:
            self.stack.append((tag, facts))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        assert self.stack
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        open_tags = [tag for tag, _ in self.stack]
        in_results = any(tag == "table" and "results" in (facts.get("class") or "") for tag, facts in self.stack)
        if in_results and "td" in open_tags and "sup" not in open_tags and re.search(r"\d", data) and not any("data-estimate" in facts for _,
                facts in self.stack):
            self.loose.append(data)


def made(results, path, report, kind="final", trial=None):
    render.run(trial or plan(), cut(kind), report=report, results=results, out_file=path)
    return path.read_text(encoding="utf-8")
