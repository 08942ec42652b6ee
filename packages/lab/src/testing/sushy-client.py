"""Drives one lab machine with sushy as an operator's tooling would; prints what it saw as JSON."""
import json
import sys
import time

import sushy

address, user, password, ca, kind = sys.argv[1:6]


def wait(look, good):
    for _ in range(2000):
        seen = look()
        if good(seen):
            return seen
        time.sleep(0.02)
    raise SystemExit("waited in vain")


auth = sushy.auth.SessionAuth(user, password) if kind == "session" else sushy.auth.BasicAuth(user, password)
root = sushy.Sushy(address, verify=ca, auth=auth)
system = root.get_system(root.get_system_collection().members_identities[0])
seen = {"manufacturer": system.manufacturer, "memory": system.memory_summary.size_gib, "macs": sorted(system.ethernet_interfaces.summary)}


def power():
    system.refresh(force=True)
    return system.power_state


system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_PXE, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE)
system.refresh(force=True)
seen["override"] = [system.boot.target.value, system.boot.enabled.value]
system.reset_system(sushy.RESET_ON)
wait(power, lambda p: p == sushy.POWER_STATE_ON)
seen["after"] = system.boot.enabled.value

manager = system.managers[0]
media = [m for m in manager.virtual_media.get_members() if sushy.VIRTUAL_MEDIA_CD in m.media_types][0]
media.insert_media("http://127.0.0.1/boot.iso")
media.refresh(force=True)
seen["inserted"] = [media.inserted, media.image]
media.eject_media()
media.refresh(force=True)
seen["ejected"] = media.inserted

seen["drives"] = system.simple_storage.max_size_bytes
seen["inlet"] = system.chassis[0].thermal.temperatures[0].name
name = list(system.bios.attributes)[1]
system.bios.set_attribute(name, system.bios.attributes[name])
system.bios.refresh(force=True)
seen["pending"] = list(system.bios.pending_attributes) == [name]



def firmware():
    # It restarts to run its new firmware, and is away meanwhile.
    try:
        manager.refresh(force=True)
        return manager.firmware_version
    except (sushy.exceptions.ConnectionError, sushy.exceptions.HTTPError):
        return None


root.get_update_service().simple_update("http://127.0.0.1/bmc-9.9.9.bin")
seen["firmware"] = wait(firmware, lambda version: version == "9.9.9")

system.reset_system(sushy.RESET_FORCE_OFF)
wait(power, lambda p: p == sushy.POWER_STATE_OFF)
print(json.dumps(seen))
