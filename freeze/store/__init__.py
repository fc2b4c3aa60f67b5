"""The store: what was seen, declared, held and logged. Nothing outside this package imports SQLAlchemy."""
