"""One text that a file keeps in several runs: `Jo<b>hn</b>` is read as `John`."""

from collections.abc import Sequence

from graftwork.core.privacy.forms.rewriter import Swap


def spread(lengths: Sequence[int], swaps: Sequence[Swap]) -> list[list[Swap]]:
    """The swaps of each run, in its own offsets. The run in which a swap begins gets the new text, the next ones none.

    `lengths` are the characters of the runs, which joined are the text that `swaps` are about.
    """
    spreads: list[list[Swap]] = [[] for _ in lengths]
    start = 0
    waiting = list(swaps)
    for run, length in zip(spreads, lengths, strict=True):
        end = start + length
        while waiting and waiting[0].start < end:
            swap = waiting[0]
            run.append(Swap(max(swap.start, start) - start, min(swap.end, end) - start, _share(swap, start)))
            if swap.end > end:
                break
            waiting.pop(0)
        start = end
    return spreads


def _share(swap: Swap, run_start: int) -> str:
    return swap.new if swap.start >= run_start else ""
