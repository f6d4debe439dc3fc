"""Addresses and ids that must never get through a door of a case."""

ADDRESSES = (
    ("/promises", "from=2026-02-30", 422, "invalid-time", "/from"),
    ("/promises", "from=", 422, "invalid-time", "/from"),
    ("/promises", "until=2026-11-23T00:00:00Z", 422, "invalid-time", "/until"),
    ("/promises", "until=9999-12-31", 422, "invalid-time", "/until"),
    ("/promises", "from=0001-01-01", 422, "invalid-time", "/from"),
    ("/promises", "until=0001-01-01", 422, "invalid-time", "/until"),
    ("/promises", "from=2026-11-24", 422, "invalid-time", "/from"),
    ("/promises", "from=2026-11-20&until=2026-11-19", 422, "invalid-time", "/from"),
    ("/promises", "from=%00", 422, "invalid-time", "/from"),
    ("/promises", "first=2026-11-20", 422, "unknown-field", "/first"),
    ("/promises", "contract_id=C-1", 422, "unknown-field", "/contract_id"),
    ("/promises", "from=2026-11-20&from=2026-11-20", 400, "duplicate-key", "/from"),
    *(
        (path, f"{name}={value}", 422, "out-of-range", f"/{name}")
        for path, name in (
            ("/promises", "limit"),
            ("/worklist", "limit"),
            ("/worklist", "page"),
            ("/contests", "limit"),
            ("/contests", "page"),
            ("/case/C-1", "before"),
        )
        for value in ("0", "-1", "1.5", "1e2", "", "x", "%00", "٣", "01", "9" * 400, "NaN", "true", "1%20", "%FF", "+1")
    ),
    ("/worklist", "limit=101", 422, "out-of-range", "/limit"),
    ("/worklist", "page=10001", 422, "out-of-range", "/page"),
    ("/worklist", "agent_id=agent-1", 422, "unknown-field", "/agent_id"),
    ("/worklist", "limit=1&limit=2", 400, "duplicate-key", "/limit"),
    ("/worklist", "&".join(f"k{n}=1" for n in range(21)), 422, "too-many", ""),
    ("/case/C-1", "role=manager", 422, "unknown-field", "/role"),
    ("/decision/C-1/why", "role=manager", 422, "unknown-field", "/role"),
    ("/decision/C-1/why-not/phone", "role=manager", 422, "unknown-field", "/role"),
    ("/case/C-1", "before=1&before=2", 400, "duplicate-key", "/before"),
)
"""Path, what stands behind the question mark, and the exact answer."""

STRANGE_IDS = (
    "%00",
    "..",
    "%2e%2e",
    "%2E%2E%2Fetc",
    "C-1%00",
    "C-1%0A",
    "%F0%9F%93%B5",
    "%ED%A0%80",
    "%FF",
    "'%20OR%201=1--",
    "%3Cscript%3E",
    "%7B%7B7*7%7D%7D",
    "x" * 65,
    "x" * 2_000,
    "-1",
    "%20C-1",
    "C-1%20",
    "%25s",
    "null",
)
"""Ids in a path that nothing is known by."""
