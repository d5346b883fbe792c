"""`make bench`: every figure, beside its reference, one after the other."""

import importlib
import sys
import time

BENCHMARKS = (
    "startup",
    "bookkeeping",
    "pages",
    "throughput",
    "privacy",
    "privacy_languages",
    "restore",
    "gateway",
    "retrieval",
    "knowledge_speed",
    "compliance",
    "extraction",
    "products",
    "connectors",
    "value",
    "pilot_page",
)


def main() -> int:
    chosen = sys.argv[1:] or list(BENCHMARKS)
    missed = []
    for name in chosen:
        started = time.monotonic()
        print(f"\n## {name}\n", flush=True)
        if not importlib.import_module(f"benchmarks.{name}").main():
            missed.append(name)
        print(f"\n({time.monotonic() - started:.0f} s)", flush=True)
    print(f"\nmissed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
