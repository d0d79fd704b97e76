"""Evidence: canonical JSON, the manifest that seals a recording, the store that writes once."""
