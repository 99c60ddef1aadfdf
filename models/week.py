"""The times of the week that talents offer and requests ask for: a day and a part of it."""

from __future__ import annotations

WEEKDAYS = {"mon": "月曜", "tue": "火曜", "wed": "水曜", "thu": "木曜", "fri": "金曜", "sat": "土曜", "sun": "日曜"}
PARTS_OF_DAY = {"am": "午前", "pm": "午後", "evening": "夜間"}
#: Code of every time of the week ("sat-am") and how it reads (「土曜午前」), in order.
TIMES = {f"{day}-{part}": WEEKDAYS[day] + PARTS_OF_DAY[part] for day in WEEKDAYS for part in PARTS_OF_DAY}
