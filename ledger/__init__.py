"""What was said and to whom: contracts on file, decisions before they are answered, rulebooks, API keys."""
