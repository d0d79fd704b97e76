"""The rule files: one YAML file a section of the rule catalogue; read by ``compliance.rulebook.loading``."""
