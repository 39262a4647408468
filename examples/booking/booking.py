"""What the hotel does with actions.

Handlers are pure: an action and a view of the state in, an outcome out. They alone write to
`/committed`; no clock and no chance takes part, so that a recorded conversation stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from uicompiler import Action, Outcome, PatchOp, StateView, UIApp

Booking = Mapping[str, Any]  # JSON


class Room(NamedTuple):
    """A kind of room: its name, its price a night in EUR, and how many it takes."""

    name: str
    price: int
    beds: int


ROOMS: Final = MappingProxyType(
    {
        "single": Room("Single room", 90, 1),
        "double": Room("Double room", 140, 2),
        "suite": Room("Suite", 260, 4),
    }
)
EXTRAS: Final = MappingProxyType(
    {"breakfast": "Breakfast", "parking": "Parking", "late_checkout": "Late check-out"}
)
ASKED: Final = (
    "arrival",
    "departure",
    "room",
    "budget",
    "guests",
    "extras",
    "arrival_time",
    "pillow",
    "wishes",
    "email",
    "phone",
)
"""Fields of the wizard that a change of the booking begins with; never the loyalty PIN."""


# --- a booking is made ----------------------------------------------------------------------------


def book(action: Action, view: StateView) -> Outcome:
    """Commit the booking and show it, or say which room would do."""
    entered = action.context
    wrong = _wrong(entered)
    if wrong:
        return Outcome(field_errors=wrong)
    before = _booking(view)
    kept = entered.get("loyalty_pin") or before.get("loyalty_pin")
    booking = _priced({**entered, "loyalty_pin": kept})
    title = "Your booking is changed" if before else "Your room is booked"
    return Outcome(
        commit=[PatchOp("set", "/committed/booking", booking)],
        directives=[_result(title, booking)],
    )


def _wrong(entered: Booking) -> dict[str, str]:
    """By field, what only the hotel can know."""
    room, guests = ROOMS[entered["room"]], len(entered["guests"])
    if guests > room.beds:
        return {"room": f"{room.name}: {room.beds} at most, and you are {guests}."}
    if entered["budget"] is not None and room.price > entered["budget"]:
        return {"budget": f"{room.name}: {room.price} EUR a night."}
    return {}


def _priced(booking: Booking) -> dict[str, Any]:
    """A booking with everything that follows from what was entered."""
    room, extras, guests = ROOMS[booking["room"]], booking["extras"] or (), booking["guests"]
    days = date.fromisoformat(booking["departure"]) - date.fromisoformat(booking["arrival"])
    nights = days.days
    total = nights * room.price
    total += nights * 15 * len(guests) if "breakfast" in extras else 0
    total += nights * 12 if "parking" in extras else 0
    total += 30 if "late_checkout" in extras else 0
    return {
        **booking,
        "room_name": room.name,
        "photo": f"https://hotel.example/rooms/{booking['room']}.jpg",
        "nights": nights,
        "extras_named": ", ".join(EXTRAS[name] for name in extras),
        "total": total,
        "summary": f"{_counted(nights, 'night')} for {_counted(len(guests), 'guest')}",
    }


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _result(title: str, booking: Booking) -> dict[str, Any]:
    items = [
        {"label": "Room", "value": booking["room_name"]},
        {"label": "Stay", "value": f"{booking['arrival']} to {booking['departure']}"},
        {"label": "Guests", "value": ", ".join(guest["name"] for guest in booking["guests"])},
        {"label": "Total (EUR)", "value": booking["total"]},
    ]
    buttons = [{"label": "See the booking", "action": "show_booking", "primary": True}]
    payload = {"title": title, "text": booking["summary"], "items": items, "buttons": buttons}
    return {"type": "ui.show_result", "payload": payload}


# --- a booking is looked at and changed -----------------------------------------------------------

_SEEN: Final = MappingProxyType({"type": "ui.show_view", "payload": {"view_id": "my_booking"}})
_NONE: Final = MappingProxyType(
    {"type": "ui.show_result", "payload": {"title": "There is no booking", "tone": "info"}}
)


def show_booking(_action: Action, view: StateView) -> Outcome:
    """Show what was booked."""
    return Outcome(directives=[_SEEN if _booking(view) else _NONE])


def _booking(view: StateView) -> Booking:
    """What was booked, {} for nothing; a model may ask about a booking that nobody made."""
    found: Booking = view.get("/committed/booking", default={})
    return found


def change_booking(_action: Action, view: StateView) -> Outcome:
    """Open the wizard with what was booked."""
    booking = _booking(view)
    values = [
        {"path": f"/draft/{name}", "value": booking[name]}
        for name in ASKED
        if booking.get(name) is not None
    ]
    payload = {"form_id": "booking", "values": values, "reset": True}
    return Outcome(directives=[{"type": "ui.show_form", "payload": payload}])


def ask_remove_guest(action: Action, view: StateView) -> Outcome:
    """Ask before a guest is taken out; the row says which."""
    guests = _booking(view).get("guests", ())
    guest = next((item for item in guests if item["id"] == action.row), None)
    if guest is None:
        return Outcome(directives=[_NONE])
    if len(guests) == 1:
        toast = {"text": "Somebody has to come; cancel the booking instead.", "level": "warning"}
        return Outcome(directives=[{"type": "ui.toast", "payload": toast}])
    return Outcome(
        directives=[
            _question(
                f"Remove {guest['name']}?",
                "remove_guest",
                confirm_label="Remove",
                args=[{"key": "guest", "value": guest["id"]}],
            )
        ]
    )


def remove_guest(action: Action, view: StateView) -> Outcome:
    """Take a guest out; what is left costs less."""
    booking = _booking(view)
    if not booking:
        return Outcome(directives=[_NONE])
    guests = [guest for guest in booking["guests"] if guest["id"] != action.args.get("guest")]
    changed = _priced({**booking, "guests": guests})
    return Outcome(
        commit=[PatchOp("set", "/committed/booking", changed)],
        directives=[
            _SEEN,
            {"type": "ui.toast", "payload": {"text": "The guest is removed.", "level": "success"}},
        ],
    )


def ask_cancel_booking(_action: Action, view: StateView) -> Outcome:
    """Ask before the booking is given up."""
    booking = _booking(view)
    if not booking:
        return Outcome(directives=[_NONE])
    items = [
        {"label": "Room", "value": booking["room_name"]},
        {"label": "Arrival", "value": booking["arrival"]},
    ]
    question = _question(
        "Cancel the booking?",
        "cancel_booking",
        text="This cannot be undone.",
        items=items,
        confirm_label="Cancel the booking",
    )
    return Outcome(directives=[question])


def cancel_booking(_action: Action, view: StateView) -> Outcome:
    """Give the booking up."""
    if not _booking(view):
        return Outcome(directives=[_NONE])
    result = {"title": "Your booking is cancelled", "text": "We are sorry.", "tone": "info"}
    return Outcome(
        commit=[PatchOp("delete", "/committed/booking")],
        directives=[{"type": "ui.show_result", "payload": result}],
    )


def _question(title: str, action: str, **more: str | Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A question that leads back to the booking when the answer is no."""
    back = {"cancel_label": "Keep it", "cancel_action": "show_booking"}
    return {"type": "ui.confirm", "payload": {"title": title, "action": action, **back, **more}}


def register(app: UIApp) -> None:
    """Give the actions of app.yaml their handlers."""
    handlers = (
        book,
        show_booking,
        change_booking,
        ask_remove_guest,
        remove_guest,
        ask_cancel_booking,
        cancel_booking,
    )
    for handler in handlers:
        app.add_action(handler.__name__, handler)
