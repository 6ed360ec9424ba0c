"""What the program does by itself: a file for each kind of work, a short function for each job.

`field_ops/timetable.py` lists them with their times; what it does not name is never done.
"""
