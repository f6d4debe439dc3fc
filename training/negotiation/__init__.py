"""What negotiation earns: the product talks with customers of a simulated market, who answer by its own truth."""
