"""The foundation: settings, database, languages, errors; it does not depend on the domain."""
