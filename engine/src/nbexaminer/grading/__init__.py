"""Grades a class: jobs for a pool of workers, here or on a cluster, recorded one by one.

`pool` is the way in. It asks `worker` processes or `dask_pool` to mark, records what they return,
and journals it; `status` and `changes` tell what has been graded and is still true.
"""
