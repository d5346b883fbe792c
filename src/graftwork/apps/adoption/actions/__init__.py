from graftwork.apps.adoption.actions.requiring import require

__all__ = ["require"]
