"""What `--help` says of each command: what it does, examples to copy, exit codes."""

from __future__ import annotations

TOP = """\
A typical week: release the assignment, collect the submissions, grade them, mark written answers in
formgrader, give-back the pages, export the points. `COMMAND --help` says more about each.

exit codes of every command: 0 done, and nothing is left to look at; 1 done, with something to look
at, which is listed; 2 wrong input, or a file, disk or gradebook that cannot be used: one line says
what, and the same command can be run again; 130 stopped by Ctrl-C: what is graded is kept.
"""

RELEASE = """\
Each notebook of the source folder becomes what students get: without worked answers and hidden
tests. What has not changed stays as it is.

examples:
  nbexaminer release
  nbexaminer release --check       # in CI: fails if somebody forgot to commit

exit codes: 0 every student version is fresh; 1 with --check, some were stale until now; 2 wrong
input, such as a notebook that nbgrader cannot release.
"""

GRADE = """\
Grades what lies in the folder of submissions, <student>/<assignment>/<assignment>.ipynb, where
collect puts it. What was graded before and has not changed since is taken from the journal, so the
same command continues after a power cut. Marks and comments given by hand stay.

Students' code runs in a sandbox; where that does not work, nothing is graded (see doctor).
Beside the gradebook, reports/ gets scores.html, scores.csv and grade.log, which says why a cell
lost points; feedback/ gets a page for each student.

With --watch it keeps its processes and grades what is new or changed as it arrives, until Ctrl-C: a
feedback page is there about a second later. A folder without a notebook waits. Changed tests and
settings count from the next arrival on. The tables of scores are those of the next grade without
--watch. With --exchange it also collects what students submit to nbgrader's exchange; the last
submission of each counts. One grading of a course runs at a time.

examples:
  nbexaminer grade
  nbexaminer grade --assignment edges --student ada
  nbexaminer grade --watch --workers 2
  nbexaminer grade --watch --exchange --assignment edges
  nbexaminer grade --timeout 60    # another chance for those that ran out of time

exit codes: 0 every submission was graded; 1 some were not: missing, malformed or failed, each with
a sentence, or there was nothing to grade; 2 wrong input, no sandbox, or a disk or gradebook that
cannot be written; 130 stopped by Ctrl-C, which is how --watch ends.
"""

FEEDBACK = """\
Pages are made again from what grading kept, with the marks and comments that the gradebook has now;
no student's code is run. Penalties for lateness are brought up to date.

examples:
  nbexaminer feedback
  nbexaminer feedback --assignment edges --student ada

exit codes: 0 the pages are written; 1 nothing has been graded yet; 2 wrong input.
"""

DEMO = """\
A class of invented students hands in answers from the problem bank: right answers by several
methods, every misconception, half-done, crashing and noisy notebooks. It is graded, and each cell's
points are compared with what that answer deserves. The gradebook of your class is not touched.

examples:
  nbexaminer demo --bank problems
  nbexaminer demo --bank problems --size 7 --assignment edges --to sample

exit codes: 0 everyone got exactly what they deserved; 1 somebody did not, who is listed; 2 wrong
input, such as a folder that holds something that no demo made.
"""

STATUS = """\
For each assignment: how many students have handed in, how many of these are graded, whose notebook,
tests or settings have changed since, and whose are still to be graded. Nothing is run or written.

examples:
  nbexaminer status
  nbexaminer status --assignment edges

exit codes: 0 every submission is graded; 1 there is something for grade to do; 2 wrong input.
"""

DOCTOR = """\
Grading shuts students' code in with what Linux offers: namespaces, seccomp and limits. This tries
them on this machine, and says what is missing if they do not work.

example:
  nbexaminer doctor

exit codes: 0 the sandbox works; 1 it does not, and a line says what is missing.
"""
