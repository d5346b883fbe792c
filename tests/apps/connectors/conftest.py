from support.connectors import approve, old, process, write_connector

__all__ = ["approve", "old", "process", "write_connector"]
