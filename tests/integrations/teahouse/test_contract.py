from tests.integrations.host_contract import HostContract


class TestTeahouseIsAHost(HostContract):
    """A host that nobody has heard of does what every host must."""
