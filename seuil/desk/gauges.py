"""The desk's figures for Prometheus; the gateway serves them beside its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from seuil.desk.watch import Pulse

registry = CollectorRegistry()
_waiting = Gauge("seuil_desk_waiting", "Cases waiting", ["priority"], registry=registry)
_overdue = Gauge(
    "seuil_desk_overdue", "Cases waiting whose promise is missed", ["priority"], registry=registry
)
_claimed = Gauge("seuil_desk_claimed", "Cases held by a counsellor", registry=registry)
_on_duty = Gauge("seuil_desk_on_duty", "Counsellors seen lately", registry=registry)
_unattended = Gauge(
    "seuil_desk_unattended",
    "Critical and urgent cases that wait with nobody on duty: wake someone above 0",
    registry=registry,
)
_oldest = Gauge("seuil_desk_oldest_seconds", "The longest wait in the queue", registry=registry)
_outbox = Gauge("seuil_desk_outbox_late", "Notifications unsent for 10 minutes", registry=registry)


def show(pulse: Pulse) -> None:
    """Set every gauge."""
    for priority, count in pulse.waiting.items():
        _waiting.labels(priority).set(count)
    for priority, count in pulse.overdue.items():
        _overdue.labels(priority).set(count)
    _claimed.set(pulse.claimed)
    _on_duty.set(pulse.on_duty)
    _unattended.set(pulse.unattended)
    _oldest.set(pulse.oldest)
    _outbox.set(pulse.outbox_late)
