"""Rows of the generated files: awards, recipients and prime awards as the published files write them."""

from dataclasses import dataclass

from sampling.identity import Inventor, Recipient
from sampling.noise import Case

# Agency, its branches, its share of the awards, and the shape of its award numbers.
AGENCIES = (
    ("Department of Defense", ("Air Force", "Navy", "Army", "Missile Defense Agency"), 0.5, "contract"),
    ("Department of Health and Human Services", ("National Institutes of Health",), 0.2, "health"),
    ("National Science Foundation", ("",), 0.1, "science"),
    ("National Aeronautics and Space Administration", ("",), 0.09, "space"),
    ("Department of Energy", ("",), 0.08, "energy"),
    ("Department of Agriculture", ("",), 0.03, "farming"),
)
TOPICS = ("Compact", "Low-Cost", "Real-Time", "Robust", "Scalable", "High-Power", "Autonomous", "Miniature")
THINGS = ("Radar Receiver", "Fuel Cell", "Vaccine Assay", "Laser Source", "Wind Sensor", "Alloy Coating", "Data Engine")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
STATE_NAMES = {"MA": "Massachusetts", "CA": "California", "VA": "Virginia", "MD": "Maryland", "CO": "Colorado"}
# Agencies that buy from firms for other than research, and how their contract numbers begin.
BUYERS = (
    ("Department of Defense", "N0017"),
    ("Department of Homeland Security", "70SBU"),
    ("Department of Veterans Affairs", "36C10"),
    ("National Aeronautics and Space Administration", "80MSF"),
    ("General Services Administration", "47QTC"),
)
# No action lies in the future.
LAST_ACTION_YEAR = 2025
PLACEHOLDER_DUNS = ("000000000", "123456789", "111111111")


@dataclass(frozen=True)
class AwardNumber:
    """An award number as SBIR.gov writes it and as USAspending does: PIID with parent, or FAIN."""

    written: str
    piid: str = ""
    parent_piid: str = ""
    fain: str = ""


class RowMaker:
    """Makes rows; every number is given once.

    Args:
        inventor: source of chance and identifiers.
    """

    def __init__(self, inventor: Inventor) -> None:
        self._random = inventor.random
        self._serial = 0

    def award_number(self, shape: str, *, is_order: bool) -> AwardNumber:
        """A fresh award number in the shape of an agency, or an order number below a contract."""
        self._serial += 1
        serial = self._serial
        if is_order:
            parent = f"FA{8000 + serial % 1000}20D{serial % 10_000:04d}"
            return AwardNumber(f"{parent[:6]}-{parent[6:8]}-D-{parent[9:]}-0001", "0001", parent)
        if shape == "health":
            fain = f"R43CA{100_000 + serial:06d}"
            return AwardNumber(f"1{fain}-01", fain=fain)
        if shape == "science":
            return AwardNumber(f"IIP-{1_000_000 + serial}", fain=f"{1_000_000 + serial}")
        if shape == "energy":
            return AwardNumber(f"DE-SC{serial:07d}", fain=f"DESC{serial:07d}")
        if shape == "farming":
            return AwardNumber(f"2017-33610-{10_000 + serial}", fain=f"201733610{10_000 + serial}")
        if shape == "space":
            return AwardNumber(f"80NSSC18C{serial:04d}", f"80NSSC18C{serial:04d}")
        return AwardNumber(f"FA8650-19-C-{serial:04d}", f"FA865019C{serial:04d}")

    def award(self, case: Case, index: int) -> tuple[dict[str, str], AwardNumber]:
        """A row of award_data by raw column name, and its award number.

        Args:
            case: the firm.
            index: which of its awards, from 0.
        """
        chance = self._random
        agency, branches, _, shape = chance.choices(AGENCIES, [share for _, _, share, _ in AGENCIES])[0]
        if case.is_order:
            agency, branches, _, shape = AGENCIES[0]
        year = chance.randint(*case.years)
        number = self.award_number(shape, is_order=case.is_order)
        is_identified = case.identified_awards is None or index < case.identified_awards
        has_number = case.numbered is not None or (chance.random() < 0.3 and not case.is_order)
        amount = chance.randint(50, 1500) * 1000
        row = {
            "company": self._spelled(case.name),
            "award_title": f"{chance.choice(TOPICS)} {chance.choice(THINGS)} {chance.randint(1, 9999)}",
            "agency": agency,
            "branch": chance.choice(branches),
            "phase": "Phase II" if chance.random() < 0.35 else "Phase I",
            "program": "STTR" if chance.random() < 0.12 else "SBIR",
            "agency_tracking_number": f"{chance.choice('FNAD')}{year % 100:02d}{chance.randint(1, 2000)}",
            "contract": number.written if has_number else "",
            "proposal_award_date": self._date(year),
            "solicitation_year": str(year),
            "award_year": str(year),
            "award_amount": chance.choice((f"{amount}.0", f"{amount}.0000", f"${amount:,}.00", str(amount))),
            "uei": case.award_uei if is_identified else "",
            "duns": self._written_duns(case.award_duns) if is_identified else "",
            "hubzone_owned": chance.choice("NNNNY"),
            "socially_and_economically_disadvantaged": chance.choice("NNNNY"),
            "woman_owned": chance.choice(("N", "N", "Y", "Unavailable")),
            "number_employees": str(chance.randint(1, 300)),
            "city": case.city.title(),
            "state": STATE_NAMES.get(case.state, case.state) if year < 2000 else case.state,
            "zip": case.zip5
            if chance.random() < 0.8 or not case.zip5
            else f"{case.zip5}-{chance.randint(1, 9999):04d}",
        }
        if chance.random() < 0.05:
            serial = f"{self._serial:05d}"
            row |= {
                "contact_name": f"Contact Person {serial}",
                "contact_phone": "555-0100",
                "contact_email": f"contact{serial}@example.com",
                "pi_name": f"Principal Investigator {serial}",
                "pi_email": f"pi{serial}@example.com",
            }
        return row, number

    def _spelled(self, name: str) -> str:
        return name if self._random.random() < 0.5 or "dba" in name else name.title()

    def _written_duns(self, duns: str) -> str:
        if not duns:
            return self._random.choice(PLACEHOLDER_DUNS) if self._random.random() < 0.02 else ""
        return self._random.choices((duns, duns.lstrip("0"), f"{duns}0001", duns), (8, 1, 1, 8))[0]

    def _date(self, year: int) -> str:
        month, day = self._random.randint(1, 11), self._random.randint(1, 28)
        return self._random.choice(
            (
                f"{year}-{month:02d}-{day:02d}",
                f"{month:02d}-{day:02d}-{year}",
                f"{MONTHS[month - 1]} {day:02d}, {year}",
                "",
            )
        )

    def follow_on(self, recipient: Recipient) -> dict[str, str]:
        """A row of prime_award_summaries by raw column name: a recipient's other federal business."""
        self._serial += 1
        chance = self._random
        year = chance.randint(2009, 2024)
        if chance.random() < 0.2:
            agency, number = "Department of Energy", AwardNumber("", fain=f"DEEE{self._serial:07d}")
        else:
            agency, start = chance.choice(BUYERS)
            piid = f"{start}{year % 100:02d}C{self._serial:05d}"
            number = AwardNumber(piid, piid)
        started = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        return self.prime_award(number, agency, recipient) | {
            "award_base_action_date": started,
            "award_latest_action_date": f"{min(year + chance.randint(1, 5), LAST_ACTION_YEAR)}-09-30",
        }

    def prime_award(self, number: AwardNumber, agency: str, recipient: Recipient) -> dict[str, str]:
        """A row of prime_award_summaries by raw column name."""
        year = self._random.randint(2008, 2024)
        return {
            "award_id_piid": number.piid,
            "parent_award_id_piid": number.parent_piid,
            "award_id_fain": number.fain,
            "awarding_agency_name": agency,
            "total_obligated_amount": f"{self._random.randint(50, 5000) * 1000}.00",
            "award_base_action_date": f"{year}-03-01",
            "award_latest_action_date": f"{year + 1}-09-30",
            "recipient_uei": recipient.uei,
            "recipient_duns": recipient.duns,
            "recipient_name": recipient.name,
            "recipient_parent_uei": recipient.parent_uei,
            "recipient_parent_name": recipient.parent_name,
            "recipient_city_name": recipient.city,
            "recipient_state_code": recipient.state,
            "recipient_zip_4_code": recipient.zip5,
        }


def recipient_row(recipient: Recipient, serial: int) -> dict[str, str]:
    """A row of recipient_lookup by raw column name."""
    quoted_names = ",".join(f'"{name}"' for name in recipient.alternate_names)
    return {
        "id": str(serial),
        "recipient_hash": recipient.hash,
        "legal_business_name": recipient.name,
        "duns": recipient.duns,
        "uei": recipient.uei,
        "parent_uei": recipient.parent_uei,
        "parent_legal_business_name": recipient.parent_name,
        "city": recipient.city,
        "state": recipient.state,
        "zip5": recipient.zip5,
        "country_code": "USA" if recipient.state else "",
        "source": "sam" if recipient.uei else "fpds",
        "alternate_names": f"{{{quoted_names}}}" if quoted_names else "",
    }
