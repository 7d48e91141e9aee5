"""Resource limits of a child process. The child sets them itself, before it reads the file."""

import resource


def cap(*, memory: int, cpu_seconds: int) -> None:
    """Limits this process to ``memory`` bytes of address space and ``cpu_seconds`` of CPU time.

    Also disables core dumps, which would contain personal data.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
