"""Which rule refused what: counted over the verdicts of decisions, candidates and customers, alone and among others."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.decide import Decisions, Page
from engine.rules import RULES
from engine.terms import Truth


@dataclass
class Coverage:
    """Counts a rule, [rules]: what it refused and, `alone`, what no other rule refused; `templates` by offer.

    The customers of `alone` would have had one candidate more, or many, without the rule.
    """

    asked: int = 0
    candidates: Any = field(default_factory=lambda: np.zeros(len(RULES), dtype=np.int64))
    customers: Any = field(default_factory=lambda: np.zeros(len(RULES), dtype=np.int64))
    alone: Any = field(default_factory=lambda: np.zeros(len(RULES), dtype=np.int64))
    customers_alone: Any = field(default_factory=lambda: np.zeros(len(RULES), dtype=np.int64))
    templates: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, decisions: Decisions) -> None:
        """Count the verdicts of some decisions."""
        self.asked += len(decisions.question.profiled)
        for page in decisions.pages:
            self._add_page(page)

    def _add_page(self, page: Page) -> None:
        sheet = page.sheet
        refused = np.where(sheet.candidates.exists, sheet.refused, 0)
        for bit, rule in enumerate(RULES):
            fires = (refused >> bit & 1).astype(bool)
            if not fires.any():
                continue
            alone = refused == 1 << bit
            self.candidates[bit] += np.count_nonzero(fires)
            self.customers[bit] += np.count_nonzero(fires.any(axis=1))
            self.alone[bit] += np.count_nonzero(alone)
            self.customers_alone[bit] += np.count_nonzero(alone.any(axis=1))
            self._add_templates(rule.id, page, fires)

    def _add_templates(self, rule: str, page: Page, fires: Truth) -> None:
        names = page.sheet.question.in_force.catalogue.templates
        template = np.broadcast_to(page.sheet.priced.terms.template, fires.shape)
        for index, count in enumerate(np.bincount(template[fires], minlength=len(names)).tolist()):
            if count:
                self.templates[rule, names[index].id] += count

    def rows(self) -> list[dict[str, Any]]:
        """A row a rule, in their order, JSON-ready."""
        columns = ("candidates", "customers", "alone", "customers_alone")
        return [
            {
                "rule": rule.id,
                "source": rule.source,
                **{name: int(getattr(self, name)[bit]) for name in columns},
                "offers": {offer: count for (of, offer), count in self.templates.most_common() if of == rule.id},
            }
            for bit, rule in enumerate(RULES)
        ]

    @property
    def never(self) -> list[str]:
        """The rules that refused nothing."""
        return [rule.id for rule, count in zip(RULES, self.candidates.tolist(), strict=True) if not count]
