"""Examples for the description of the API; a test holds them against its schemas."""

from typing import Any

REQUESTS = {
    "call": {
        "summary": "A call about the end of the commitment",
        "value": {"contract_id": "C-1001", "channel": "phone_out"},
    },
    "wish": {
        "summary": "A customer who wants to leave, and says what would keep them",
        "value": {
            "contract_id": "C-1001",
            "channel": "phone_in",
            "reason_for_contact": "wants_to_leave",
            "wants": {"device": "galaxy-a17", "max_commitment_months": 12, "max_upfront_cents": 3000},
        },
    },
}

READY = {"status": "ready", "release": "churn-0f3a9c2b1d7e", "refused": None, "rulebook": "5f0c" * 16}

ANSWER: dict[str, Any] = {
    "assumptions": [],
    "contract_id": "C-1001",
    "decided_at": "2026-11-23T12:00:00.000000Z",
    "decided_on": "2026-11-23",
    "decision_id": "554bd89540d5c6074e31925eb25104e9",
    "digest": "9c1f" * 16,
    "expires_on": "2026-12-07",
    "degraded": [],
    "p_churn_reasons": [],
    "entitlements": [],
    "offers": [
        {
            "below_nothing": False,
            "commitment_ends_on": "2027-11-23",
            "commitment_months": 12,
            "credit_cents": 0,
            "current_commitment_continues": False,
            "device": "galaxy-a17",
            "device_says": "Samsung Galaxy A17",
            "difference": None,
            "discount_cents": 0,
            "discount_ends_on": None,
            "discount_months": 0,
            "expires_on": "2026-12-07",
            "extras": [],
            "extras_end_on": None,
            "extras_months": 0,
            "extras_say": [],
            "kind": "device",
            "leaving": [{"after_months": 0, "basis": "contract terms", "rule": "FR-EXIT-D"}],
            "leaving_cents": [1790 * months for months in range(12, -1, -1)],
            "may_approve": ["agent", "supervisor", "manager"],
            "missing": {},
            "monthly_cents": 1790,
            "monthly_cents_after_discount": 1790,
            "needs_approval": False,
            "needs_express_consent": True,
            "offer_id": "wish.galaxy-a17.12m.top002040",
            "p_accept": 0.515567,
            "place": "main",
            "sentences": {
                "agent": {
                    "en": "Offer the Samsung Galaxy A17 for €20.40: 12 months, until 23 "
                    "November 2027, €17.90 a month. This is what the customer asks "
                    "for.",
                    "fr": "Proposez le Samsung Galaxy A17 pour 20,40\xa0€ : 12 mois, "
                    "jusqu'au 23 novembre 2027, 17,90\xa0€ par mois. C'est ce que le "
                    "client demande.",
                    "nl": "Stel voor: de Samsung Galaxy A17 voor €\xa020,40; 12 maanden, "
                    "tot 23 november 2027, €\xa017,90 per maand. Dit is wat de klant "
                    "vraagt.",
                },
                "customer": {
                    "en": "We offer you the Samsung Galaxy A17 for €20.40. You pay "
                    "€17.90 a month. You commit for 12 months, until 23 November "
                    "2027.",
                    "fr": "Nous vous proposons le Samsung Galaxy A17 pour 20,40\xa0€. "
                    "Vous payez 17,90\xa0€ par mois. Vous vous engagez pour 12 "
                    "mois, jusqu'au 23 novembre 2027.",
                    "nl": "Wij stellen u voor: de Samsung Galaxy A17 voor €\xa020,40. U "
                    "betaalt €\xa017,90 per maand. U verbindt zich voor 12 "
                    "maanden, tot 23 november 2027.",
                },
                "read_back": {
                    "en": "To be sure that we speak of the same offer: We offer you the Samsung Galaxy A17 for €20.40. "
                    "You pay €17.90 a month. You commit for 12 months, until 23 November 2027. Is that right?",
                    "fr": "Pour être sûrs de parler de la même offre : Nous vous proposons le Samsung Galaxy A17 pour "
                    "20,40\xa0€. Vous payez 17,90\xa0€ par mois. Vous vous engagez pour 12 mois, jusqu'au 23 novembre "
                    "2027. Est-ce bien cela ?",
                    "nl": "Om zeker te zijn dat we over hetzelfde aanbod spreken: Wij stellen u voor: de Samsung "
                    "Galaxy A17 voor €\xa020,40. U betaalt €\xa017,90 per maand. U verbindt zich voor 12 maanden, tot "
                    "23 november 2027. Klopt dat?",
                },
            },
            "template": "wish",
            "top_up_cents": 2040,
            "trade_in": None,
            "trade_in_credit_cents": 0,
            "trade_in_says": None,
            "twin": None,
            "why": "asked_for",
            "worth_to_customer_cents_a_month": 63,
        }
    ],
    "proposal_id": "554bd89540d5c6074e31925eb25104e9",
    "p_churn": 0.38,
    "p_churn_source": "model",
    "p_churn_window_months": 6,
    "priors": ["contact_log_odds", "commitment_worth_cents"],
    "repair": None,
    "call": None,
    "sentences": {
        "agent": {"en": "An offer is ready.", "fr": "Une offre est prête.", "nl": "Er ligt een aanbod klaar."},
        "customer": {
            "en": "We have an offer for you.",
            "fr": "Nous avons une offre pour vous.",
            "nl": "Wij hebben een aanbod voor u.",
        },
    },
    "stance": "offer",
    "duties": [],
    "leaving_now": {
        "months_done": 11,
        "at_most_cents": 1790,
        "rules": ["FR-EXIT-D"],
        "contract_terms": True,
        "free_from": "2026-12-03",
        "cents_by_month": [1790 * months for months in range(12, -1, -1)],
    },
    "best_tariff": {
        "tariff": "mobile-2gb",
        "says": {"en": "the 2 GB tariff", "fr": "le forfait 2 Go", "nl": "het abonnement 2 GB"},
        "monthly_cents": 1199,
        "saves_cents": 591,
        "reason": None,
        "unknown": [],
        "sentences": {
            "agent": {
                "en": "Best tariff at this usage: the 2 GB tariff, €11.99 a month, €5.91 less than today.",
                "fr": "Meilleur tarif pour cet usage : le forfait 2 Go, 11,99\xa0€ par mois, 5,91\xa0€ de moins "
                "qu'aujourd'hui.",
                "nl": "Beste tarief bij dit gebruik: het abonnement 2 GB, €\xa011,99 per maand, €\xa05,91 minder dan "
                "vandaag.",
            },
            "customer": {
                "en": "At your usage, the 2 GB tariff would cost you €11.99 a month, €5.91 less than today.",
                "fr": "Pour votre usage, le forfait 2 Go vous coûterait 11,99\xa0€ par mois, soit 5,91\xa0€ de moins "
                "qu'aujourd'hui.",
                "nl": "Bij uw gebruik zou u voor het abonnement 2 GB €\xa011,99 per maand betalen, €\xa05,91 minder "
                "dan vandaag.",
            },
        },
    },
    "unverified_rules": [
        *("EU-CONSUMER", "GDPR-22", "GDPR-INFO", "AIA-4B"),
        *("FR-TWIN12", "FR-EXIT-D", "FR-EXIT-E", "FR-TWINGAP", "FR-BIND", "FR-BEST"),
    ],
    "versions": {
        "model": "churn-0f3a9c2b1d7e",
        "rulebook": "bbcafa310ea059b2b540005ffe803bccb7eb29f94bb4e58bd9f98a7fbe797428",
        "engine": "0.1.0",
    },
    "why_not": [
        {
            "may_approve": [],
            "missing_cents": 0,
            "offer_id": "wish.galaxy-a17.0m.top013680",
            "rules": ["WORTH-NOTHING"],
            "sentences": {
                "en": "the Samsung Galaxy A17 for €136.80 (0): to this customer these terms are "
                "worth less than nothing.",
                "fr": "le Samsung Galaxy A17 pour 136,80\xa0€ (0) : pour ce client, ces "
                "conditions valent moins que rien.",
                "nl": "de Samsung Galaxy A17 voor €\xa0136,80 (0): voor deze klant zijn deze "
                "voorwaarden minder dan niets waard.",
            },
            "template": "wish",
        }
    ],
    "wish": {
        "below_nothing": False,
        "met": True,
        "missing": {},
        "offer_id": "wish.galaxy-a17.12m.top002040",
        "unknown": [],
    },
}

NAMED = {name: ANSWER[name] for name in ("proposal_id", "digest")} | {"offer_id": ANSWER["offers"][0]["offer_id"]}

SHOWN_REQUESTS = {"told": {"summary": "The offer was read back to the customer", "value": {**NAMED, "read_back": True}}}

SHOWN = {**NAMED, "state": "shown", "shown_at": "2026-11-23T12:03:10.000000Z", "read_back": True}

REACTION_REQUESTS = {
    "too long": {
        "summary": "24 months is too long, and there is a phone the customer wants",
        "value": {**NAMED, "reason": "commitment_too_long", "wants": {"device": "galaxy-a17"}},
    }
}

ACCEPT_REQUESTS = {"accept": {"summary": "The customer accepts", "value": NAMED}}

ACCEPTED = {
    **NAMED,
    "acceptance_id": "0b7d4a1e5c9f48d2a6b3e8c1f0957d24",
    "contract_id": "C-1001",
    "status": "accepted",
    "accepted_at": "2026-11-23T12:04:00.000000Z",
    "confirm_by": None,
    "withdraw_until": "2026-12-07T12:04:00.000000Z",
    "offer": ANSWER["offers"][0],
    "promises": [
        {
            "promise_id": "6f2c9b7d1e304a58b8d7c6a5f4e3d2c1",
            "kind": "delivery",
            "due_on": "2026-11-28",
            "state": "open",
        }
    ],
}
