"""Sources to passages, definitions, references and commits. Pure parsers, thin readers."""
