"""The pure kernel: tables in, decisions out; no file, clock, socket, model or random generator."""

VERSION = "0.1.0"
