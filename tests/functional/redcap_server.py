"""A server on this machine that answers as REDCap's API does, its error bodies included."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = "0123456789ABCDEF0123456789ABCDEF"
MEMORY = ('<br />\n<b>Fatal error</b>: Allowed memory size of 134217728 bytes exhausted<br />\n'
          '{"error":"REDCap ran out of server memory. The request cannot be processed. Please try importing/exporting a smaller amount of data."}')


@dataclass
class Project:
    """What the server holds, and how it misbehaves."""

    metadata: str
    settings: str
    rows: list[dict[str, str]]
    record: str = "record_id"
    events: str = ""
    mapping: str = ""
    repeating: str = ""
    busy: int = 0              # answers 503 so many times before it works
    most: int = 10**9          # records a question may be about before memory runs out
    truncate: int = 0          # breaks off the next answers about records so many times
    body: str = ""             # answers 200 with this whatever is asked
    redirect: str = ""
    entered: dict[str, str] | None = None      # a record that somebody enters after the first question about records
    asked: list[dict[str, list[str]]] = field(default_factory=list)


def answer(project: Project, form: dict[str, list[str]]) -> tuple[int, str]:
    """Status and body for one question."""
    given = {name: values[0] for name, values in form.items()}
    if given.get("token") != TOKEN:
        return 403, json.dumps({"error": "You do not have permissions to use the API"})
    if project.busy:
        project.busy -= 1
        return 503, "<html><body>Service Unavailable</body></html>"
    if project.body:
        return 200, project.body
    content = given["content"]
    structure = {"event": (project.events, "You cannot export events for classic projects"),
                 "formEventMapping": (project.mapping, "You cannot export form/event mappings for classic projects"),
                 "repeatingFormsEvents": (project.repeating, "You cannot export repeating instruments and events because the project does not contain any")}
    if content == "metadata":
        if given["format"] == "json":
            return 200, json.dumps(list(csv.DictReader(io.StringIO(project.metadata))))
        return 200, project.metadata
    if content == "project":
        return 200, project.settings
    if content in structure:
        text, refusal = structure[content]
        return (200, text) if text else (400, f'<?xml version="1.0" encoding="UTF-8" ?><hash><error>{refusal}</error></hash>')
    if content == "record":
        return records(project, form)
    return 501, json.dumps({"error": "Missing required parameters"})


def records(project: Project, form: dict[str, list[str]]) -> tuple[int, str]:
    """The rows asked for, with the columns that these rows need."""
    def listed(name: str) -> list[str]:
        return [values[0] for key, values in form.items() if re.fullmatch(rf"{name}\[\d+\]", key)]

    wanted, fields = listed("records"), listed("fields")
    if len(wanted) > project.most:
        return 200, MEMORY
    rows = [row for row in project.rows if not wanted or row[project.record] in wanted]
    if not rows:
        return 200, "\n"
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not any(row.get("redcap_repeat_instance") for row in rows):
        names = [name for name in names if not name.startswith("redcap_repeat")]      # as REDCap does
    if fields:
        names = [name for name in names if name.partition("___")[0] in fields or name.startswith("redcap_")]
    if project.entered:
        project.rows.append(project.entered)
        project.entered = None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return 200, out.getvalue()


@contextmanager
def serving(project: Project):
    """The address of a server that holds the project, for as long as the block runs."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            project.asked.append(form)
            if project.redirect:
                self.send_response(302)
                self.send_header("Location", project.redirect)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            status, text = answer(project, form)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/csv")      # without a charset
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if project.truncate and "records[0]" in form:
                project.truncate -= 1
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
                return
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
