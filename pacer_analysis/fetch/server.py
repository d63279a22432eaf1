"""REDCap's API, asked until it answers: what went wrong told from what is worth asking again."""

from __future__ import annotations

import ipaddress
import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    from requests import Response

TIMEOUT = (20, 600)      # seconds to connect, and between two bytes: a large project takes minutes to begin
PAUSES = (1.0, 4.0, 15.0)
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
MEMORY = re.compile(r"memory|too large|time.?out|timed out", re.IGNORECASE)
NO_STRUCTURE = re.compile(r"classic|not longitudinal|cannot export (events|arms|form)|not have repeat|no repeating|repeating (instruments|forms)", re.IGNORECASE)


class Refused(Exception):  # it is the server that refused
    """An answer that is no data: the HTTP status and what the server said, without its markup."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said

    @property
    def overloaded(self) -> bool:
        """True if a smaller question may be answered."""
        return MEMORY.search(self.said) is not None


def checked_url(url: str) -> str:
    """The API's address with its final slash; ExportError if the token would travel in the clear or the address holds one."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ExportError("the address of the API is no web address", where="--url", allowed="https://redcap.example.org/api/", do="copy it from the project's API page")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ExportError("the address of the API holds more than an address", where="--url", allowed="https://redcap.example.org/api/",
                          do="leave out what stands after the last slash; the token comes from the environment or a file")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise ExportError("the token would travel unencrypted", where="--url", allowed="an address that begins with https://", do="use https")
    return url if url.endswith("/") else f"{url}/"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_errors(response: Response, *_args: Any, **_named: Any) -> None:
    """Raises Refused unless a response is data: REDCap also answers 200 with a page or a message as its body, or ends its data with one."""
    response.encoding = "utf-8"      # text without a declared encoding would be taken for Latin-1
    body = response.content
    if response.is_redirect:
        raise Refused(response.status_code, "the address answers with a redirection; the token was not sent on")
    if response.status_code >= 400:
        raise Refused(response.status_code, message_in(body) or response.reason or "no reason given")
    start, end = body[:400].lstrip(b"\xef\xbb\xbf \r\n\t"), body[-2000:].rstrip()
    if start[:9].lower() == b'{"error":' or start[:1] == b"<" or start[:6].lower() == b"error:":
        raise Refused(response.status_code, message_in(body) or "a page instead of data")
    tail = end.rpartition(b"\n")[2]
    if tail[:9].lower() == b'{"error":' or b"<b>Fatal error</b>" in end:
        raise Refused(response.status_code, message_in(tail) or message_in(end))


def message_in(body: bytes) -> str:
    """What an error body says: the message of JSON or XML, else its text without tags, in one line of at most 300 characters."""
    text = body[-4000:].decode("utf-8", errors="replace").strip()
    try:
        content = json.loads(text)
        text = str(content.get("error", "")) if isinstance(content, dict) else text
    except ValueError:
        inside = re.search(r"<error>(.*?)</error>", text, re.DOTALL | re.IGNORECASE)
        text = inside[1] if inside else text
    return " ".join(re.sub(r"<[^>]*>|<!\[CDATA\[|\]\]>", " ", text).split())[:300]


def ask(question: Callable[[], str], what: str, *, url: str, pauses: tuple[float, ...] = PAUSES, sleep: Callable[[float], None] = time.sleep) -> str:
    """The answer to a question, asked again after each pause while the server is busy or the line is broken.

    Raises Refused where the server says no to this question (the caller may ask another), ExportError where asking again will not help.
    """
    from requests import RequestException
    from requests.exceptions import SSLError

    for pause in (*pauses, None):
        try:
            return question()
        except Refused as refused:
            if refused.status in {401, 403}:
                raise ExportError(f"the server refused the token: {refused.said}", where=url, do="check the token and its rights to export data") from None
            if pause is None or (refused.status not in BUSY and not refused.overloaded) or refused.overloaded:
                raise
        except SSLError:
            raise ExportError("the server's certificate is not trusted", where=url, do="check the address; ask the server's administrators") from None
        except RequestException as problem:
            if pause is None:
                raise ExportError(f"the server could not be reached while asking for {what} ({type(problem).__name__})", where=url,
                                  do="check the address and the connection, and try again") from None
        sleep(pause)
    raise AssertionError     # the last pause is None
