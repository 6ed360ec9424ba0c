"""What is counted of the hosts' attendance records."""

from prometheus_client import Counter

READ = Counter(
    "waiqin_attendance_records_total",
    "Records that hosts answered with, each time: kept beside a visit, or thrown away unread",
    ["host", "outcome"],
)
