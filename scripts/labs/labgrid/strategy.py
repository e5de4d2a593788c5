# SPDX-License-Identifier: GPL-2.0
"""A labgrid strategy: a machine is off, or has run the image to its end."""
import enum

import attr
from labgrid import step, target_factory
from labgrid.strategy import Strategy, StrategyError

# In seconds, for a whole run.
TIMEOUT = 900


class Status(enum.Enum):
    unknown = 0
    off = 1
    finished = 2


@target_factory.reg_driver
@attr.s(eq=False)
class ChargebackStrategy(Strategy):
    """Any driver of power and console will do, of QEMU or of a machine."""
    bindings = {"power": "PowerProtocol", "console": "ConsoleProtocol"}
    status = attr.ib(default=Status.unknown)
    # What the machine printed, of the last run.
    log = attr.ib(default="")

    @step(args=["status"])
    def transition(self, status):
        if not isinstance(status, Status):
            status = Status[status]
        if status == self.status:
            return
        if status == Status.off:
            self.target.activate(self.power)
            self.power.off()
        elif status == Status.finished:
            self.transition(Status.off)
            self.target.activate(self.console)
            self.power.on()
            _, before, _, _ = self.console.expect("reboot: Power down",
                                                  timeout=TIMEOUT)
            self.log = before.decode(errors="replace")
        else:
            raise StrategyError(f"no way to {status}")
        self.status = status
