"""The numbers that drive the market; written to truth.json, read by no model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """Every constant of the simulated market. Shares and chances in 0..1, a month unless the name says otherwise."""

    # who is in the market: hunters of prices, lovers of devices, settled, heavy users
    kinds: tuple[str, ...] = ("hunter", "gadget", "settled", "heavy")
    kind_shares: tuple[float, ...] = (0.20, 0.20, 0.40, 0.20)
    alertness: tuple[float, ...] = (0.035, 0.014, 0.003, 0.012)
    alertness_spread: float = 0.55
    hassle_eur: tuple[float, ...] = (38.0, 105.0, 220.0, 88.0)
    hassle_spread: float = 0.45
    device_eur: tuple[float, ...] = (150.0, 400.0, 160.0, 250.0)
    mood_eur: float = 22.0
    mood_degrees: float = 3.0

    # what wakes a customer up
    wake_after_fault: float = 0.6
    wake_near_commitment_end: float = 0.32
    wake_after_discount_ended: float = 0.3
    wake_by_rumour: float = 0.2
    wake_by_rival_promotion: float = 0.03
    wake_by_old_device: float = 0.12
    wake_by_call: float = 0.30
    wake_by_call_when_dormant: float = 0.75
    call_remembered: tuple[float, ...] = (0.0, 0.3, 0.6, 1.0)
    wake_after_price_rise: float = 0.12
    rest_after_comparing: float = 0.35

    # what a woken customer weighs
    fault_eur: float = 120.0
    device_pull_share: float = 0.45
    exit_fee_share: float = 0.35
    early_exit_share: float = 0.9
    seen_saving_power: float = 0.90

    # faults, anger, word of mouth
    faults: float = 0.05
    fault_days: float = 15.0
    anger_kept: float = 0.88
    anger_to_complain: float = 1.10
    complaint: float = 0.45
    rumour_kept: float = 0.60

    # the operator raises its prices once a year
    price_rise_month: int = 4
    price_rise_share: float = 0.45
    price_rises_eur: tuple[float, ...] = (1.0, 1.0, 2.0)

    # the rival
    rival_prices_eur: tuple[float, ...] = (4.99, 8.99, 12.99, 17.99, 27.99)
    rival_shock: float = 0.018
    rival_pull: float = 0.93
    promotion_months: tuple[int, ...] = (1, 6, 9, 11)
    promotion_depth: tuple[float, float] = (0.05, 0.22)

    # how an offer on the phone is weighed
    reached_share: float = 0.68
    wary_share: float = 0.28
    phone_hassle_eur: float = 38.0
    wary_hassle_eur: float = 90.0
    discount_power: float = 0.90
    bond_power: float = 1.35
    other_brand_share: float = 0.35

    # how a talk goes on: who hangs up after a refusal, and who says what they want when they are asked
    hangs_up_share: float = 0.10
    tells_wish_share: float = 0.50

    # the experiment: a share of the book at each wave, and the arms within it
    experiment_share: float = 0.34
    arms: tuple[str, ...] = ("temoin", "appel_sans_offre", "appel_avec_offre")
    arm_shares: tuple[float, ...] = (0.20, 0.20, 0.60)
    wave_months: int = 6
    waves: int = 6
    burn_in_months: int = 36
