"""Amounts of resources: `500m`, `1Gi`, `2e3`, exactly.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/. The API keeps less than a text can
say: it rounds up, away from zero, to a thousand-millionth, and amounts with a binary suffix end at 2^63 - 1; so it is here.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_UP, Context, Decimal
from typing import Final

__all__ = ["QuantityError", "canonical", "equal", "in_thousandths", "parse", "total"]

_SHAPE = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_LIMIT = Decimal(2**63 - 1)
_NANO = Decimal("1e-9")
_MILLI = Decimal("1e-3")
#: Wide enough for every text that is taken, so that nothing is rounded by accident.
_EXACT = Context(prec=1200)
_LENGTH_LIMIT = 100
_EXPONENT_LIMIT = 1000

_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_BY_POWER: Final = {power: suffix for suffix, power in _DECIMAL.items()}


class QuantityError(ValueError):
    """A text is no quantity; the message names it and says what would be one."""


def _refused(value: object) -> QuantityError:
    return QuantityError(
        f"{value!r} is not a quantity: a number with a suffix (n u m k M G T P E, Ki Mi Gi Ti Pi Ei) or an exponent, "
        "such as 500m, 1.5Gi or 2e3"
    )


def _split(value: object) -> tuple[Decimal, str]:
    """The amount as the API keeps it, and the suffix as it was written."""
    text = _text(value)
    match = _SHAPE.fullmatch(text)
    if not match or len(text) > _LENGTH_LIMIT:
        raise _refused(value)
    sign, digits, suffix = match.groups(default="")
    number = Decimal(sign + digits)
    if suffix in _BINARY:
        amount = _EXACT.multiply(number, Decimal(2 ** _BINARY[suffix]))
    elif suffix in _DECIMAL:
        amount = number.scaleb(_DECIMAL[suffix], _EXACT)
    else:
        exponent = int(suffix[1:])
        if exponent > _EXPONENT_LIMIT:
            raise _refused(value)
        # Anything smaller than this is rounded up to the same least amount.
        amount = number.scaleb(max(exponent, -_EXPONENT_LIMIT), _EXACT)
    return _kept(amount, binary=suffix in _BINARY), suffix


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(value)
    return str(value) if isinstance(value, int) else format(Decimal(repr(value)), "f")


def _kept(amount: Decimal, *, binary: bool) -> Decimal:
    if binary and abs(amount) > _LIMIT:
        return _LIMIT.copy_sign(amount)
    return amount.quantize(_NANO, ROUND_UP, _EXACT) if amount else Decimal(0)


def parse(value: str | float) -> Decimal:
    """The amount that a quantity means; a number (as JSON may have it) is a quantity too. Raises QuantityError."""
    amount, _ = _split(value)
    return _plain(amount)


def _plain(amount: Decimal) -> Decimal:
    shorter = amount.normalize(_EXACT)
    return shorter.quantize(Decimal(1), context=_EXACT) if shorter == shorter.to_integral_value() else shorter


def equal(one: str | float, other: str | float) -> bool:
    """Whether two quantities mean the same amount; raises QuantityError."""
    return parse(one) == parse(other)


def canonical(value: str | float) -> str:
    """The text that an API server gives back for a quantity: `1000m` → `1`, `1024Ki` → `1Mi`, `0.5Gi` → `512Mi`.

    Binary suffixes stay binary where the amount is whole, and at least 1024; exponents stay exponents. The largest
    suffix that leaves no fraction is used. (A server keeps a few other spellings as they came, such as `1.500` and `+1`.)
    Raises QuantityError.
    """
    return _written(*_split(value))


def in_thousandths(value: str | float) -> str:
    """The quantity as lists of resources keep it: rounded up, away from zero, to a thousandth. Raises QuantityError."""
    amount, suffix = _split(value)
    return _written(amount.quantize(_MILLI, ROUND_UP, _EXACT) if amount else amount, suffix)


def total(one: str | float, other: str | float, *, sign: int = 1) -> str:
    """The sum (with `sign` -1: the difference) as an API server writes it: in the format of the first that is not zero.

    Raises QuantityError.
    """
    (first, suffix), (second, other_suffix) = _split(one), _split(other)
    return _written(first + sign * second, suffix if first else other_suffix)


def _written(amount: Decimal, suffix: str) -> str:
    if suffix in _BINARY and abs(amount) >= 1024 and amount == amount.to_integral_value():
        return _binary_text(int(amount))
    return _decimal_text(amount, exponent=suffix not in _BINARY and suffix not in _DECIMAL)


def _binary_text(amount: int) -> str:
    suffix = ""
    for each, power in _BINARY.items():
        if amount % (1 << power) == 0:
            suffix = each
    return f"{amount >> _BINARY[suffix]}{suffix}" if suffix else str(amount)


def _decimal_text(amount: Decimal, *, exponent: bool) -> str:
    if not amount:
        return "0"
    nanos = int(amount.scaleb(9, _EXACT))
    power = -9
    # Beyond 10^18 there is no suffix, only exponents.
    while nanos % 1000 == 0 and (exponent or power < 18):
        nanos //= 1000
        power += 3
    if exponent:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{_BY_POWER[power]}"
