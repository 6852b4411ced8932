"""What shuts a student's process in: `namespaces` and system calls, limits, `memory` watched."""
