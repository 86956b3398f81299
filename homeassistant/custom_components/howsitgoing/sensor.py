"""Sensors: how the face in front looks, and how the device itself is doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfInformation, UnitOfTemperature, UnitOfTime

from ._contract import STATES, Health, Mood, Topic, from_rfc3339
from .entity import HowsItGoingEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .coordinator import HowsItGoingConfigEntry

PARALLEL_UPDATES = 0  # everything comes by itself


def _allowed(name: str) -> list[str]:
    """The words that a field of Health can have."""
    return next(list(f.metadata["enum"]) for f in fields(Health) if f.name == name)


@dataclass(frozen=True, kw_only=True)
class MoodSensorDescription(SensorEntityDescription):
    """A sensor fed by the topic ``mood``."""

    value: Callable[[Mood], StateType]
    attributes: Callable[[Mood], dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class HealthSensorDescription(SensorEntityDescription):
    """A sensor fed by the topic ``health``."""

    value: Callable[[Health], StateType]
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC


MOOD_SENSORS = (
    MoodSensorDescription(
        key="mood",
        translation_key="mood",
        device_class=SensorDeviceClass.ENUM,
        options=list(STATES),
        value=lambda mood: mood.emotion,
        attributes=lambda mood: {"confidence": mood.confidence, "since": from_rfc3339(mood.since).isoformat()},
    ),
    MoodSensorDescription(
        key="confidence",
        translation_key="confidence",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value=lambda mood: round(100 * mood.confidence, 1),
    ),
    MoodSensorDescription(
        key="positivity",
        translation_key="positivity",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=2,
        value=lambda mood: mood.positivity if mood.scores else None,  # nobody there is not neutral
    ),
    MoodSensorDescription(
        key="faces",
        translation_key="faces",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda mood: mood.faces,
    ),
)
HEALTH_SENSORS = (
    HealthSensorDescription(
        key="fps",
        translation_key="fps",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value=lambda health: health.fps,
    ),
    HealthSensorDescription(
        key="latency",
        translation_key="latency",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value=lambda health: health.latency_p95_ms,
    ),
    HealthSensorDescription(
        key="latency_median",
        translation_key="latency_median",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MILLISECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value=lambda health: health.latency_p50_ms,
    ),
    HealthSensorDescription(
        key="temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value=lambda health: health.temperature_c,
    ),
    HealthSensorDescription(
        key="queue",
        translation_key="queue",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda health: sum(health.queues.values()),
    ),
    HealthSensorDescription(
        key="dropped",
        translation_key="dropped",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_registry_enabled_default=False,
        value=lambda health: sum(health.dropped.values()),
    ),
    HealthSensorDescription(
        key="camera",
        translation_key="camera",
        device_class=SensorDeviceClass.ENUM,
        options=_allowed("camera"),
        value=lambda health: health.camera,
    ),
    HealthSensorDescription(
        key="speaker",
        translation_key="speaker",
        device_class=SensorDeviceClass.ENUM,
        options=_allowed("speaker"),
        value=lambda health: health.speaker,
    ),
    HealthSensorDescription(
        key="uplink",
        translation_key="uplink",
        device_class=SensorDeviceClass.ENUM,
        options=_allowed("uplink"),
        entity_registry_enabled_default=False,
        value=lambda health: health.uplink,
    ),
    HealthSensorDescription(
        key="disk_free",
        translation_key="disk_free",
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.MEGABYTES,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value=lambda health: health.disk_free_mb,
    ),
    HealthSensorDescription(
        key="memory",
        translation_key="memory",
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.MEGABYTES,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value=lambda health: health.memory_mb,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HowsItGoingConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of one device."""
    coordinator = entry.runtime_data
    async_add_entities(MoodSensor(coordinator, row) for row in MOOD_SENSORS)
    async_add_entities(HealthSensor(coordinator, row) for row in HEALTH_SENSORS)


class MoodSensor(HowsItGoingEntity, SensorEntity):
    """One figure of the mood."""

    _topic = Topic.MOOD
    _unrecorded_attributes = frozenset({"confidence", "since"})  # a sensor of its own, and the state's own time
    entity_description: MoodSensorDescription

    @override
    def _update(self) -> None:
        row, mood = self.entity_description, self.coordinator.mood
        self._attr_native_value = None if mood is None else row.value(mood)
        if row.attributes is not None:
            self._attr_extra_state_attributes = {} if mood is None else row.attributes(mood)

    @override
    def _shown(self) -> object:
        return self.native_value, self.extra_state_attributes


class HealthSensor(HowsItGoingEntity, SensorEntity):
    """One figure of the device's health."""

    _topic = Topic.HEALTH
    entity_description: HealthSensorDescription

    @override
    def _update(self) -> None:
        health = self.coordinator.health
        self._attr_native_value = None if health is None else self.entity_description.value(health)

    @override
    def _shown(self) -> object:
        return self.native_value
