"""Validity periods of issued certificates.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_Validity.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from .errors import ValidationException

BACKDATING = timedelta(minutes=60)
SHORT_LIVED_LIMIT = timedelta(days=7)


def now() -> datetime:
    """The time of the request, in whole seconds as certificates have it."""
    return datetime.now(UTC).replace(microsecond=0)


def not_after(validity: dict[str, Any], issued_at: datetime) -> datetime:
    """The end of validity that `validity` asks for."""
    value, kind = validity["Value"], validity["Type"]
    try:
        if kind == "DAYS":
            end = issued_at + timedelta(days=value)
        elif kind == "MONTHS":
            end = issued_at + relativedelta(months=value)
        elif kind == "YEARS":
            end = issued_at + relativedelta(years=value)
        elif kind == "ABSOLUTE":
            end = datetime.fromtimestamp(value, UTC)
        else:
            end = _end_date(value)
    except (ValueError, OverflowError, OSError):
        raise ValidationException(f"Validity {value} {kind} is not a valid date.") from None
    if end <= issued_at:
        raise ValidationException("The certificate validity specified ends in the past.")
    return end


def not_before(validity: dict[str, Any] | None, issued_at: datetime, end: datetime) -> datetime:
    """The start of validity: as asked for, or one hour before the request."""
    if validity is None:
        return issued_at - BACKDATING
    if validity["Type"] != "ABSOLUTE":
        raise ValidationException("ValidityNotBefore must be of type ABSOLUTE.")
    if validity["Value"] >= end.timestamp():
        raise ValidationException("ValidityNotBefore must be before the end of the validity.")
    return datetime.fromtimestamp(validity["Value"], UTC)


def _end_date(value: int) -> datetime:
    """UTCTime (YYMMDDHHMMSS, 50 to 99 are 19YY) or GeneralizedTime (YYYYMMDDHHMMSS)."""
    digits = str(value)
    if len(digits) <= 12:
        digits = digits.zfill(12)
        digits = ("19" if int(digits[:2]) >= 50 else "20") + digits
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
