"""The courier: takes what waits in the outbox to the one order system, until it is confirmed."""
