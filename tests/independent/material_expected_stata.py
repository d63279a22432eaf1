"""What a right reader must give for every .dta file of the material.

STATA[path]
"release", "rows"     of the file's header; little-endian all
"columns"             in order -> (storage type, display format)
"label", "notes"      of the file
"values"              column -> raw numbers or texts; None is `.`, and stands for a tagged missing too
"tags"                (column, row from 0) -> (tag, label or None)
"value_labels"        column -> {value or tag: label}
"variable_labels"     column -> label, where there is one
"dates"               (column, row) -> ISO text of the day, moment or time of day
"encoding"            "utf-8" from release 118, "undeclared" before: all of these are ASCII
"why"                 what is hard
Dates count days from 1960-01-01, %tc milliseconds from that midnight.
"""

from __future__ import annotations

from typing import Any

ASCII_ONLY = "undeclared"

STATA: dict[str, dict[str, Any]] = {
    "stata/haven/datetime-d.dta": {
        "release": 115, "rows": 1, "columns": {"date": ("float", "%d")}, "label": "", "notes": (), "encoding": ASCII_ONLY, "variable_labels": {},
        "value_labels": {}, "tags": {},
        "values": {"date": (20394.0,)},
        # 1960 to 2015: 55 * 365 + 14 leap days = 20089 is 2015-01-01; + 305 days (Jan to Oct 304) is 2 November
        "dates": {("date", 0): "2015-11-02"}, "why": "the old format %d is a date",
    },
    "stata/haven/notes.dta": {
        "release": 115, "rows": 5, "label": "This is a test dataset.", "notes": ("Reference: https://github.com/hadley/haven/issues/186",),
        "encoding": ASCII_ONLY,
        "columns": {"id": ("float", "%9.0g"), "female": ("float", "%9.0g"), "treatment": ("float", "%9.0g"), "outcome": ("float", "%9.0g")},
        "variable_labels": {}, "value_labels": {}, "tags": {}, "dates": {},
        "values": {"id": (1.0, 2.0, 3.0, 4.0, 5.0), "female": (0.0, 1.0, 1.0, 1.0, 1.0), "treatment": (0.0, 0.0, 1.0, 0.0, 0.0),
                   "outcome": (2.0, 2.0, 4.0, 2.0, 1.0)},
        "why": "the ids are stored as float: read as 1, 2, ..., and worth a remark; no column is called record_id",
    },
    "stata/haven/tagged-na-double.dta": {
        "release": 118, "rows": 8, "columns": {"x": ("double", "%9.0g")}, "label": "", "notes": (), "encoding": "utf-8", "variable_labels": {}, "dates": {},
        "values": {"x": (1.0, 2.0, 3.0, 4.0, 5.0, None, None, None)},
        # the label set names .a and .z; .h has none. The label of .z is itself '.zebra'.
        "tags": {("x", 5): (".a", "apple"), ("x", 6): (".h", None), ("x", 7): (".z", ".zebra")}, "value_labels": {"x": {".a": "apple", ".z": ".zebra"}},
        "why": "three kinds of missing in one column, one of them without a label",
    },
    "stata/haven/tagged-na-int.dta": {
        "release": 118, "rows": 8, "columns": {"x": ("long", "%9.0g")}, "label": "", "notes": (), "encoding": "utf-8", "variable_labels": {}, "dates": {},
        # in the file 2147483622 (.a), 2147483629 (.h) and 2147483647 (.z): never numbers
        "values": {"x": (1, 2, 3, 4, 5, None, None, None)}, "tags": {("x", 5): (".a", "apple"), ("x", 6): (".h", None), ("x", 7): (".z", ".zebra")},
        "value_labels": {"x": {".a": "apple", ".z": ".zebra"}}, "why": "an integer column stays one: 1, not 1.0, as a code",
    },
    "stata/haven/types.dta": {
        "release": 117, "rows": 2, "label": "", "notes": (), "encoding": ASCII_ONLY, "variable_labels": {}, "value_labels": {}, "tags": {},
        "columns": {"vfloat": ("float", "%9.0g"), "vdouble": ("double", "%9.0g"), "vlong": ("long", "%9.0g"), "vint": ("int", "%9.0g"),
                    "vbyte": ("byte", "%9.0g"),
                    "vstr": ("str13", "%13s"), "vdate": ("long", "%td"), "vdatetime": ("double", "%tc")},
        # 3.14 as a float is 3.140000104904175; as a double it is 3.14. vstr '2' is text, not a number.
        "values": {"vfloat": (3.140000104904175, 7.0), "vdouble": (3.14, 7.0), "vlong": (2, 7), "vint": (2, 7), "vbyte": (2, 7),
                   "vstr": ("2", "Hello, World!"), "vdate": (0, 20423),
                   "vdatetime": (1764558855000.0, 0.0)},
        # 20089 + 334 days is 1 December 2015; 20423 * 86400000 = 1764547200000, and 11655000 ms more is 03:14:15
        "dates": {("vdate", 0): "1960-01-01", ("vdate", 1): "2015-12-01", ("vdatetime", 0): "2015-12-01T03:14:15", ("vdatetime", 1): "1960-01-01T00:00:00"},
        "why": "day 0 and millisecond 0 are dates, not missing",
    },
    "stata/pyreadstat/missing_test.dta": {
        "release": 117, "rows": 1, "label": "", "notes": (), "encoding": ASCII_ONLY, "variable_labels": {}, "dates": {},
        "columns": dict.fromkeys(("var1", "var2", "var3", "var4", "var5", "var6", "var7", "var8", "var9"), ("float", "%9.0g")),
        "values": {"var1": (None,), "var2": (None,), "var3": (None,), "var4": (None,), "var5": (None,), "var6": (None,), "var7": (None,), "var8": (None,),
                   "var9": (1.0,)},
        # var7 and var8 hold the plain `.`: no tag; only var1 has the label set
        "tags": {("var1", 0): (".a", "missing"), ("var2", 0): (".b", None), ("var3", 0): (".c", None), ("var4", 0): (".x", None), ("var5", 0): (".y", None),
                 ("var6", 0): (".z", None)},
        "value_labels": {"var1": {".a": "missing"}}, "why": "columns of nothing but one tag are numbers that are missing, not text 'a'",
    },
    "stata/pyreadstat/sample.dta": {
        "release": 117, "rows": 5, "label": "", "notes": (), "encoding": ASCII_ONLY, "tags": {},
        "columns": {"mychar": ("str1", "%-1s"), "mynum": ("double", "%16.2f"), "mydate": ("double", "%td"), "dtime": ("double", "%tc"),
                    "mylabl": ("byte", "%16.0f"),
                    "myord": ("byte", "%16.0f"), "mytime": ("double", "%tcHH:MM:SS")},
        "variable_labels": {"mychar": "character", "mynum": "numeric", "mydate": "date", "dtime": "datetime", "mylabl": "labeled", "myord": "ordinal",
                            "mytime": "time"},
        "values": {"mychar": ("a", "b", "c", "d", "e"), "mynum": (1.1, 1.2, -1000.3, -1.4, 1000.3), "mydate": (21310.0, -29093.0, 0.0, -137696.0, None),
                   "dtime": (1841220610000.0, -2513598590000.0, 0.0, -11896934400000.0, None), "mylabl": (1, 2, 1, 2, 1), "myord": (1, 2, 3, 1, 1),
                   "mytime": (36610000.0, 83410000.0, 0.0, 58210000.0, None)},
        "value_labels": {"mylabl": {1: "Male", 2: "Female"}, "myord": {1: "low", 2: "medium", 3: "high"}},
        # 21185 is 2018-01-01 (58 * 365 + 15), + 125. 1880 to 1960: 80 * 365 + 19 = 29219, less 126 days to 6 May. 1583 to 1960: 377 * 365 + 91 =
        # 137605 + 91 = 137696.
        # dtime 1: -29093 * 86400000 + 36610000, so 10:10:10. Times of day count ms: 36610 s = 10 h 10 min 10 s, 83410 s = 23:10:10, 58210 s = 16:10:10.
        "dates": {("mydate", 0): "2018-05-06", ("mydate", 1): "1880-05-06", ("mydate", 2): "1960-01-01", ("mydate", 3): "1583-01-01",
                  ("dtime", 0): "2018-05-06T10:10:10",
                  ("dtime", 1): "1880-05-06T10:10:10", ("dtime", 2): "1960-01-01T00:00:00", ("dtime", 3): "1583-01-01T00:00:00", ("mytime", 0): "10:10:10",
                  ("mytime", 1): "23:10:10",
                  ("mytime", 2): "00:00:00", ("mytime", 3): "16:10:10"},
        "why": "days before 1960, and 1583, which nanosecond stamps (1677 to 2262) cannot hold: kept raw and reported, not wrapped round, not fatal; "
               "%tcHH:MM:SS is a time of day",
    },
}
