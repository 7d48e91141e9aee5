"""What a child process may cost: said by the child itself, before it looks at the file."""

import resource


def cap(*, memory: int, cpu_seconds: int) -> None:
    """End this process past so many bytes of address space or seconds of CPU, and let it leave no core dump, which would hold personal data."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
