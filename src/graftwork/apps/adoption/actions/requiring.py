"""Which training a use case asks for."""

from collections.abc import Collection
from datetime import datetime

from graftwork.apps.adoption.models import Module, Requirement
from graftwork.core.errors import RequestInvalid, did_you_mean


def require(use_case: str, codes: Collection[str], now: datetime) -> None:
    """From now on only who completed all these modules reviews `use_case`; nothing is asked for without any.

    Belongs into the transaction of what asks for it (a charter that starts, is amended, or ends), whose audit entry
    says so. Raises `RequestInvalid` where there is no such module, or it is retired.
    """
    del now
    modules = {module.code: module for module in Module.objects.filter(code__in=codes, retired_at=None)}
    if missing := sorted(set(codes) - modules.keys()):
        known = list(Module.objects.filter(retired_at=None).values_list("code", flat=True))
        raise RequestInvalid(
            "change.required_modules", f"there is no training module {missing[0]}{did_you_mean(missing[0], known)}"
        )
    Requirement.objects.filter(use_case=use_case).exclude(module__code__in=codes).delete()
    Requirement.objects.bulk_create(
        [Requirement(use_case=use_case, module=module) for module in modules.values()], ignore_conflicts=True
    )
