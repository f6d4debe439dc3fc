"""Learning how customers react from contacts that chance drew: who accepts what, and whom a call makes leave."""

from training.response.learn import Learned, learn_response

__all__ = ["Learned", "learn_response"]
