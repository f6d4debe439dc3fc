"""What the retention desk earns, and what poor service costs: figures of the ledger against its control group."""
