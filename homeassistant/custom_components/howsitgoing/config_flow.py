"""Set-up: a device announces itself, or a person picks one; later its hardware may be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

import voluptuous as vol
from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig

from ._contract import ContractError, Info
from .const import CONF_DEVICE_ID, CONF_INFO, DOMAIN, LOGGER
from .device import as_stored, device_name
from .find import async_find_devices
from .reading import IncompatibleError, read_info
from .replace import async_replace

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.mqtt import MqttServiceInfo


class HowsItGoingConfigFlow(ConfigFlow, domain=DOMAIN):
    """One config entry for each device."""

    VERSION = 1

    def __init__(self) -> None:
        """No device yet."""
        self._info: Info | None = None
        self._found: dict[str, Info] = {}

    @override
    async def async_step_mqtt(self, discovery_info: MqttServiceInfo) -> ConfigFlowResult:
        """A device announces itself: there is nothing to type, only to agree."""
        if not discovery_info.payload:  # the announcement was taken back
            return self.async_abort(reason="invalid_discovery_info")
        try:
            info = read_info(discovery_info.topic, discovery_info.payload)
        except ContractError as error:
            if discovery_info.topic.split("/")[1] not in self._async_current_ids():  # else its coordinator says so
                LOGGER.warning("Ignored a device on %s: %s", discovery_info.topic, error)
            return self.async_abort(reason="incompatible" if isinstance(error, IncompatibleError) else "invalid_discovery_info")
        await self.async_set_unique_id(info.device_id)
        self._abort_if_unique_id_configured()
        self._info = info
        self.context["title_placeholders"] = {"name": device_name(info)}
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask once."""
        assert self._info is not None  # noqa: S101  set by discovery
        if user_input is not None:
            return self._create(self._info)
        self._set_confirm_only()
        return self.async_show_form(
            step_id="confirm",
            description_placeholders={"name": device_name(self._info), "device_id": self._info.device_id},
        )

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pick one of the devices that have announced themselves."""
        return await self._async_pick("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Another device takes the place of this one, e.g. after its card broke: entities and history stay."""
        return await self._async_pick("reconfigure", user_input)

    async def _async_pick(self, step: str, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        if not await mqtt.async_wait_for_mqtt_client(self.hass):
            return self.async_abort(reason="no_mqtt")
        errors = {}
        if user_input is not None:
            picked = user_input[CONF_DEVICE_ID].strip()
            if picked not in self._found:  # typed, or it has only just been switched on
                self._found = await async_find_devices(self.hass)
            if picked in self._found:
                return await self._async_finish(step, self._found[picked])
            errors[CONF_DEVICE_ID] = "not_found"
        else:
            self._found = await async_find_devices(self.hass)
        return self.async_show_form(step_id=step, data_schema=self._choice(step), errors=errors)

    def _choice(self, step: str) -> vol.Schema:
        """The devices that are not set up yet; another id may be typed."""
        taken = self._async_current_ids()
        free = [info for device_id, info in sorted(self._found.items()) if device_id not in taken]
        options = [SelectOptionDict(value=info.device_id, label=f"{device_name(info)} ({info.device_id})") for info in free]
        default = options[0]["value"] if options else vol.UNDEFINED
        if step == "reconfigure":
            default = self._get_reconfigure_entry().data[CONF_DEVICE_ID]
        selector = SelectSelector(SelectSelectorConfig(options=options, custom_value=True))
        return vol.Schema({vol.Required(CONF_DEVICE_ID, default=default): selector})

    async def _async_finish(self, step: str, info: Info) -> ConfigFlowResult:
        if step == "reconfigure":
            entry = self._get_reconfigure_entry()
            if info.device_id != entry.unique_id:
                await self.async_set_unique_id(info.device_id, raise_on_progress=False)
                self._abort_if_unique_id_configured()
                self._take_back_card(info.device_id)
                async_replace(self.hass, entry, info.device_id)
            return self.async_update_reload_and_abort(entry, unique_id=info.device_id, data=_data(info))
        await self.async_set_unique_id(info.device_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        return self._create(info)

    def _take_back_card(self, device_id: str) -> None:
        """Home Assistant does so for a new entry; here the card would stay, and pressing it would take this entry's place."""
        for flow in self._async_in_progress():
            if flow["context"].get("unique_id") == device_id:
                self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _create(self, info: Info) -> ConfigFlowResult:
        return self.async_create_entry(title=device_name(info), data=_data(info))


def _data(info: Info) -> dict[str, Any]:
    return {CONF_DEVICE_ID: info.device_id, CONF_INFO: as_stored(info)}
