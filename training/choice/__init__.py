"""Choices among alternatives: one taste for all, tastes that vary, and what a person's choices say of the next."""

from training.choice.conditional import Logit, fit_logit
from training.choice.mixed import Tastes, fit_tastes, sequential_log_loss
from training.choice.tasks import Tasks

__all__ = ["Logit", "Tasks", "Tastes", "fit_logit", "fit_tastes", "sequential_log_loss"]
