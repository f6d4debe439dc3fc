"""What the operator has on file about its lines on a day: the columns of contracts.csv and of each past snapshot."""

import numpy as np
from numpy.typing import NDArray

from training.market.catalogue import TARIFFS
from training.market.devices import DEVICE_IDS, NO_DEVICE
from training.market.people import REGIONS, TOWNS_A_REGION, ZONES, Table, zone_of
from training.market.wishes import KEPT_MONTHS
from training.market.world import bill_eur, device_age_months
from training.market.written import Texts, as_date, as_euros, as_flag, as_whole

FAULTS = np.array(["", "réseau mobile", "débit data", "messagerie vocale", "erreur de facturation"], dtype=object)
CHANNEL_WORDS = {"phone_in": "téléphone", "shop": "boutique", "web": "espace client", "social": "réseaux sociaux"}
REASON_WORDS = {
    "information": "renseignement",
    "complaint": "réclamation",
    "wants_to_leave": "intention de départ",
    "port_requested": "demande de portabilité",
    "asks_for_offer": "demande d'offre",
}
TARIFF_NAMES = np.array([tariff.name for tariff in TARIFFS], dtype=object)
ALLOWANCE_GB = np.array([tariff.data_gb for tariff in TARIFFS])
VAT = 1.2
NUMBERS = 9_999_991
STEP = 4_827_103


def line_numbers(serial: NDArray[np.int64]) -> Texts:
    """Contract numbers [n] that do not tell the order in which contracts were opened; at most 9,999,991 of them."""
    return np.array([f"CT{number:07d}" for number in (serial * STEP + 17) % NUMBERS], dtype=object)


def customer_numbers(customer: NDArray[np.int64]) -> Texts:
    """Customer numbers [n], drawn likewise."""
    return np.array([f"CL{number:07d}" for number in (customer * STEP + 9_001) % NUMBERS], dtype=object)


def facts_on_file(lines: Table, day: np.datetime64) -> dict[str, Texts]:
    """Every column of the export [n], as texts; nothing in it happened on `day` or later."""
    return {**_contract(lines, day), **_device_and_usage(lines, day), **_service(lines), **_wish(lines)}


def _contract(lines: Table, day: np.datetime64) -> dict[str, Texts]:
    n = len(lines["serial"])
    running = (lines["discount_end"] > day) & (lines["discount_eur"] > 0)
    return {
        "numero_contrat": line_numbers(lines["serial"]),
        "numero_client": customer_numbers(lines["customer"]),
        "date_extraction": as_date(np.full(n, day)),
        "client_depuis": as_date(lines["customer_since"]),
        "fin_engagement": as_date(lines["commitment_end"]),
        "forfait": TARIFF_NAMES[lines["tariff"]],
        "enveloppe_data_go": as_euros(ALLOWANCE_GB[lines["tariff"]]),
        "prix_mensuel_ttc": as_euros(bill_eur(lines, day)),
        "options_ttc": as_euros(lines["option_eur"]),
        "remise_ttc": as_euros(np.where(running, lines["discount_eur"], 0.0)),
        "fin_remise": as_date(np.where(running, lines["discount_end"], np.datetime64("NaT"))),
        "cout_service_ht": as_euros(_cost_to_serve_eur(lines, day)),
        "region": np.array(REGIONS, dtype=object)[lines["town"] // TOWNS_A_REGION],
        "zone": np.array(ZONES, dtype=object)[zone_of(lines["town"])],
        "mode_paiement": np.where(lines["direct_debit"], "prélèvement", "carte bancaire").astype(object),
        "langue": lines["language"],
        "opposition_profilage": as_flag(lines["objects"]),
    }


def _cost_to_serve_eur(lines: Table, day: np.datetime64) -> NDArray[np.float64]:
    network = 1.80 + 0.30 * np.sqrt(lines["data_mb"] / 1000.0) + 0.004 * np.minimum(lines["voice_minutes"], 600.0)
    abroad = 0.02 * np.minimum(lines["abroad_minutes"], 120.0)
    ceiling = 0.55 * bill_eur(lines, day) / VAT
    return np.asarray(np.round(np.minimum(network + abroad, ceiling), 2), dtype=np.float64)


def _device_and_usage(lines: Table, day: np.datetime64) -> dict[str, Texts]:
    known = lines["device"] != NO_DEVICE
    age = device_age_months(lines, day.astype("datetime64[M]"))
    return {
        "terminal": np.where(known, DEVICE_IDS[lines["device"]], ""),
        "age_terminal_mois": as_whole(np.where(known, age, np.nan)),
        "terminal_subventionne": as_flag(lines["subsidised"]),
        "sms_par_mois": as_whole(lines["sms"]),
        "data_mo_par_mois": as_whole(lines["data_mb"]),
        "voix_min_par_mois": as_whole(lines["voice_minutes"]),
        "international_min_par_mois": as_whole(lines["abroad_minutes"]),
    }


def _service(lines: Table) -> dict[str, Texts]:
    return {
        "panne_en_cours": FAULTS[lines["fault"]],
        "pannes_12_mois": as_whole(lines["faults"].sum(axis=1)),
        "jours_panne_3_mois": as_whole(lines["fault_days"][:, :3].sum(axis=1)),
        "jours_panne_12_mois": as_whole(lines["fault_days"].sum(axis=1)),
        "contacts_3_mois": as_whole(lines["contacts"][:, :3].sum(axis=1)),
        "contacts_12_mois": as_whole(lines["contacts"].sum(axis=1)),
        "appels_sortants_12_mois": as_whole(lines["calls_out"].sum(axis=1)),
        "refus_au_dossier": as_whole(lines["refused"].sum(axis=1)),
        "plaintes_publiques": as_whole(lines["complaints"].sum(axis=1)),
    }


def _wish(lines: Table) -> dict[str, Texts]:
    asked = lines["wish_age"] <= KEPT_MONTHS
    wants_device = asked & (lines["wish_device"] != NO_DEVICE)
    limited = asked & (lines["wish_months"] >= 0)
    words = {**REASON_WORDS, **CHANNEL_WORDS, "": ""}
    return {
        "canal_dernier_contact": np.where(asked, np.array([words[word] for word in lines["wish_channel"]]), "").astype(
            object
        ),
        "motif_dernier_contact": np.where(asked, np.array([words[word] for word in lines["wish_reason"]]), "").astype(
            object
        ),
        "souhait_terminal": np.where(wants_device, DEVICE_IDS[lines["wish_device"]], ""),
        "souhait_engagement_max_mois": as_whole(np.where(limited, lines["wish_months"], np.nan)),
        "souhait_mensuel_max_ttc": as_euros(np.where(asked, lines["wish_monthly_eur"], np.nan)),
        "souhait_avance_max_ttc": as_euros(np.where(asked, lines["wish_upfront_eur"], np.nan)),
        "souhait_options": np.where(asked, lines["wish_needs"], ""),
    }
