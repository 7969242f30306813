"""Run the steps that belong to the run and to no user: before the load, and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from msgspec import Struct, field

from ..http.cookies import Cookies
from ..measure.errors import RunLog
from ..scenario.once import OnceFailure
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from ..stop import Stop, Stopped, unless_forced, unless_stopped

# What the steps before the load extracted, by case.
Values = Mapping[str, Mapping[str, Any]]


class RunSteps(Struct):
    """The `once: run` and `once: end` steps of all cases that a load runs.

    Those after the load get the cookies of those before it. `state` is what goes on, for a
    screen; they `are_ready` for a load when those before it have passed.
    """

    scenarios: Sequence[Scenario]
    make_session: Callable[[], Session]
    log: RunLog
    state: str = ""
    are_ready: bool = False
    _cookies: dict[str, Cookies | None] = field(default_factory=dict)

    @property
    def have_end(self) -> bool:
        return any(scenario.once.after for scenario in self.scenarios)

    @property
    def have_start(self) -> bool:
        return any(scenario.once.before for scenario in self.scenarios)

    async def set_up(self, stop: Stop) -> None:
        """Run the steps before the load; a failure requests the stop, and a stop cuts them."""
        self.state = "setting up …"
        try:
            failure = await unless_stopped(self._set_up(), stop)
        except Stopped:
            return
        finally:
            self.state = ""
        self.are_ready = failure is None
        if failure is not None:
            self.log.error(f"no load was started: {_told(failure, 'run')}")
            stop.request("setup")

    async def clean_up(self, stop: Stop, seconds: float) -> None:
        """Run the steps after the load for up to some seconds; a forced stop cuts them.

        If there was no load, only cases whose steps before it had begun have something to end.
        """
        begun = [one for one in self.scenarios if one.once.after and self._has_begun(one)]
        if not begun:
            return
        self.state = "cleaning up …"
        if not await unless_forced(self._clean_up(begun), stop, seconds):
            why = "a second signal" if stop.is_forced else f"the {seconds:g} s of --graceful-stop"
            self.log.warn(f"not all steps with once: end have run: {why} ended them")
        self.state = ""

    @property
    def values(self) -> Values:
        """What the steps before the load extracted."""
        return {scenario.name: scenario.once_values for scenario in self.scenarios}

    def take(self, values: Values) -> None:
        """Use what the steps before the load extracted elsewhere."""
        self.are_ready = True
        for scenario in self.scenarios:
            scenario.base |= values.get(scenario.name, {})

    async def _set_up(self) -> OnceFailure | None:
        for scenario in self.scenarios:
            if scenario.once.before:
                with self._session(scenario) as session:
                    failure = await scenario.set_up(session)
                if failure is not None:
                    return failure
        return None

    async def _clean_up(self, scenarios: Sequence[Scenario]) -> None:
        for scenario in scenarios:
            with self._session(scenario) as session:
                failures = await scenario.clean_up(session)
            for failure in failures:
                self.log.warn(_told(failure, "end"))

    def _has_begun(self, scenario: Scenario) -> bool:
        return self.are_ready or not self.have_start or scenario.name in self._cookies

    @contextmanager
    def _session(self, scenario: Scenario) -> Iterator[Session]:
        """Yield a session; its cookies stay for the next one of the case, its connections do not.

        A connection that idles through a whole load is likely to break when it is used again.
        """
        session = self.make_session()
        if (cookies := self._cookies.get(scenario.name)) is not None:
            session.agent.recall_cookies(cookies)
        try:
            yield session
        finally:
            self._cookies[scenario.name] = session.agent.copy_of_cookies()
            session.agent.close()


class Alone:
    """The only engine of a load: it runs these steps itself."""

    async def set_up(self, steps: RunSteps, stop: Stop) -> None:
        await steps.set_up(stop)

    async def may_clean_up(self, stop: Stop) -> bool:
        return True


class Company(Protocol):
    """Says which engine of a load runs these steps, and passes their values to the others."""

    async def set_up(self, steps: RunSteps, stop: Stop) -> None: ...
    async def may_clean_up(self, stop: Stop) -> bool: ...


def _told(failure: OnceFailure, once: str) -> str:
    return f"step {failure.step!r} (once: {once}) failed: {failure.failure.message}"
